/** Chinese first, English second. Each area keeps its words in one flat, typed file with both languages. */
import { createI18n } from 'vue-i18n';
import * as alarms from '../alarms/messages';
import * as rules from '../alarms/rules/messages';
import type { Bilingual } from '../api/types';
import * as commands from '../commands/messages';
import * as nearby from '../features/nearby/messages';
import * as vehicles from '../features/vehicles/messages';
import * as fences from '../fences/messages';
import * as icons from '../identity/admin/icons/messages';
import * as admin from '../identity/admin/messages';
import * as identity from '../identity/messages';
import * as layers from '../layers/messages';
import * as modules from '../modules/messages';
import * as officeSpace from '../office-space/messages';
import * as replay from '../replay/messages';
import * as screen from '../screen/messages';
import * as seals from '../seals/messages';
import * as standards from '../standards/messages';
import * as frames from '../tools/frames/messages';
import * as usage from '../usage/messages';
import * as place from './messages/place';
import * as shell from './messages/shell';

export const zh = {
  ...shell.zh,
  ...place.zh,
  ...vehicles.zh,
  ...nearby.zh,
  ...screen.zh,
  ...identity.zh,
  ...admin.zh,
  ...icons.zh,
  ...modules.zh,
  ...layers.zh,
  ...officeSpace.zh,
  ...standards.zh,
  ...frames.zh,
  ...alarms.zh,
  ...replay.zh,
  ...fences.zh,
  ...seals.zh,
  ...rules.zh,
  ...commands.zh,
  ...usage.zh,
};
export const en: Record<MessageKey, string> = {
  ...shell.en,
  ...place.en,
  ...vehicles.en,
  ...nearby.en,
  ...screen.en,
  ...identity.en,
  ...admin.en,
  ...icons.en,
  ...modules.en,
  ...layers.en,
  ...officeSpace.en,
  ...standards.en,
  ...frames.en,
  ...alarms.en,
  ...replay.en,
  ...fences.en,
  ...seals.en,
  ...rules.en,
  ...commands.en,
  ...usage.en,
};

export type MessageKey = keyof typeof zh;
export type Lang = 'zh' | 'en';

export const i18n = createI18n({
  legacy: false,
  locale: 'zh' as Lang,
  fallbackLocale: 'zh',
  messages: { zh: zh as Record<string, string>, en: en as Record<string, string> },
  // Keys are flat: `a.b` is a name, not a path.
  messageResolver: (messages, key) => (messages as Record<string, string>)[key] ?? null,
});

/** Reactive inside a render or a computed. A `{n}` chooses among the forms that `|` separates. */
export function t(key: MessageKey, params: Record<string, string | number> = {}): string {
  const { n } = params;
  return typeof n === 'number' ? i18n.global.t(key, params, n) : i18n.global.t(key, params);
}

export function lang(): Lang {
  return i18n.global.locale.value;
}

/** The reader's language of a name that comes in both. */
export function nameOf(name: Bilingual | string | null | undefined): string {
  if (name === null || name === undefined) return '';
  return typeof name === 'string' ? name : name[lang()] || name.zh;
}

export function setLang(next: Lang) {
  i18n.global.locale.value = next;
  document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en';
}

/** 房屋, 房间…: the name of a kind of feature. */
export function kindName(kind: string): string {
  const key = `kind.${kind}`;
  return t(key in zh ? (key as MessageKey) : 'kind.other');
}

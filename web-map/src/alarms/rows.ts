/** An alarm in the words of a list, and a list as a file. */
import type { Alarm } from '../api/alarms';
import { serverNow } from '../api/server-clock';
import { lang, nameOf, t } from '../i18n';
import { csvText } from '../ui/csv';
import { formatLonLat } from '../ui/format';
import { spanText } from './amount';
import { momentText } from './evidence';
import { orderText, sentenceOf } from './sentence';

/** It begins a line: languages that have capitals begin with one. */
export function ruleText({ title, rule }: Alarm): string {
  const name = nameOf(title) || rule;
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** Without the year, unless it is another one. */
export function shortTime(ms: number): string {
  const time = new Date(ms);
  if (time.getFullYear() !== new Date().getFullYear()) return momentText(ms);
  const locale = lang() === 'zh' ? 'zh-CN' : 'en-GB';
  const parts = { month: '2-digit', day: '2-digit' } as const;
  const day = new Intl.DateTimeFormat(locale, parts).format(time);
  return `${day} ${time.toLocaleTimeString(locale, { hour12: false })}`;
}

export const plateText = ({ vehicle }: Alarm): string => vehicle?.plate ?? '—';

/** How long it took; what took no time is a moment. */
export function lastedText({ started_ms, ended_ms }: Alarm): string {
  if (ended_ms === null) return t('alarms.lasts');
  return ended_ms - started_ms < 1_000 ? t('alarms.momentary') : spanText(ended_ms - started_ms);
}

/** How long it lasts already. */
export const lastsText = ({ started_ms }: Alarm): string => spanText(serverNow() - started_ms);

export const placeText = ({ place }: Alarm): string =>
  place ? formatLonLat(place) : t('alarms.noPlace');

export function csvOf(alarms: readonly Alarm[]): string {
  const head = [
    t('alarms.number'),
    t('alarms.time'),
    t('alarms.ended'),
    t('alarms.lasted'),
    t('alarms.level'),
    t('alarms.rule'),
    t('alarms.plate'),
    t('alarms.what'),
    t('alarms.site'),
    t('alarms.fence'),
    t('alarms.order'),
    t('alarms.state'),
    t('alarms.assignee'),
    t('alarms.longitude'),
    t('alarms.latitude'),
  ];
  const rows = alarms.map((alarm) => [
    alarm.alarm_id,
    momentText(alarm.started_ms),
    alarm.ended_ms === null ? null : momentText(alarm.ended_ms),
    lastedText(alarm),
    t(`alarms.level.${alarm.level}`),
    ruleText(alarm),
    plateText(alarm),
    sentenceOf(alarm),
    alarm.site?.name ?? null,
    alarm.fence?.name ?? null,
    orderText(alarm) || null,
    t(`alarms.state.${alarm.state}`),
    alarm.assignee,
    alarm.place?.[0] ?? null,
    alarm.place?.[1] ?? null,
  ]);
  return csvText([head, ...rows]);
}

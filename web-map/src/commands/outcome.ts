/** What came of a command, in one line of the card that it was asked on. */
import type { Command } from '../api/commands';
import { t } from '../i18n';
import { ageText } from '../live/age';
import { isUnderWay } from './life';
import { lastStep } from './story';

export interface Position {
  /** The moment of the latest position; null: there is none. */
  fixMs: number | null;
  ageMs: number | null;
}

/** `knownMs` is the moment of the position that was there when somebody asked: only another one answers. */
export function outcomeOf(command: Command, now: Position, knownMs: number | null): string {
  const { kind, state, events } = command;
  if (isUnderWay(state)) return t(`commands.now.${state}`);
  if (kind === 'locate' && state === 'acknowledged') {
    const isNew = now.fixMs !== null && now.fixMs !== knownMs;
    return isNew && now.ageMs !== null
      ? t('commands.now.newFix', { age: ageText(now.ageMs) })
      : t('commands.now.noFix');
  }
  const last = lastStep(events);
  const name = last?.title ?? t(`commands.state.${state}`);
  return last && state === 'failed' && last.said
    ? t('commands.now.failed', { title: name, said: last.said })
    : name;
}

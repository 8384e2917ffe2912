/** What marks and durations are called. */
import { nameOf, t } from '../i18n';
import { minuteOf } from './beijing-time';
import type { Mark } from './marks';

export function durationText(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  if (minutes < 60) return t('replay.minutes', { m: minutes });
  return t('replay.hours', { h: Math.floor(minutes / 60), m: minutes % 60 });
}

export function markText(mark: Mark): string {
  const times = mark.endMs === null ? minuteOf(mark.startMs) : spanText(mark.startMs, mark.endMs);
  if (mark.kind === 'alarm') return `${nameOf(mark.title)} ${times}`;
  if (mark.endMs === null) return `${t('replay.stopOpen')} ${times}`;
  return `${t('replay.stopFor', { time: durationText(mark.endMs - mark.startMs) })} ${times}`;
}

export function spanText(startMs: number, endMs: number): string {
  return t('replay.trip', { start: minuteOf(startMs), end: minuteOf(endMs) });
}

/** Moments by the clock of the city, which has no summer time: how they are typed and how they are told. Pure. */
import { lang, t } from '../i18n';
import { beijingDay } from '../ui/beijing-day';

const DAY_MS = 86_400_000;
const OFFSET_MS = 8 * 3_600_000;

/** Of `2026-10-01T00:00`, as the browser's own box has it; NaN for what is none. */
export function momentMs(text: string): number {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text)
    ? Date.parse(`${text.slice(0, 16)}:00+08:00`)
    : Number.NaN;
}

/** The beginning of a day, as the box has it. */
export const beginOf = (day: string): string => `${day}T00:00`;

/** The end of a day: the beginning of the next. */
export const endOf = (day: string): string =>
  beginOf(beijingDay(Date.parse(`${day}T00:00:00+08:00`) + DAY_MS));

/** 2026-10-01 周四 00:00 */
export function momentText(ms: number): string {
  return `${dayText(beijingDay(ms))} ${timeOf(ms)}`;
}

/** The first moment after something; midnight is the end of the day before: 2026-10-07 周三 24:00. */
export function endText(ms: number): string {
  return timeOf(ms) === '00:00' ? `${dayText(beijingDay(ms - 1))} 24:00` : momentText(ms);
}

/** From a moment up to another; the year is told once where it is the same. */
export function periodText(fromMs: number, toMs: number): string {
  const [from, to] = [momentText(fromMs), endText(toMs)];
  const isSameYear = from.slice(0, 4) === to.slice(0, 4);
  return t('seals.fromTo', { from, to: isSameYear ? to.slice(5) : to });
}

/** From a day to another, both among them, without the year: 10-01 周四 至 10-07 周三. */
export const daysText = (from: string, to: string): string =>
  t('seals.fromTo', { from: dayText(from).slice(5), to: dayText(to).slice(5) });

function dayText(day: string): string {
  const weekday = new Intl.DateTimeFormat(lang() === 'zh' ? 'zh-CN' : 'en-GB', {
    weekday: 'short',
    timeZone: 'UTC',
  }).format(Date.parse(day));
  return `${day} ${weekday}`;
}

const timeOf = (ms: number): string => new Date(ms + OFFSET_MS).toISOString().slice(11, 16);

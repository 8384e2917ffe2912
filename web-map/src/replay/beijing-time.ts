/** Moments as the clocks of Beijing show them, wherever the reader is. */
import { beijingDay } from '../ui/beijing-day';

const OFFSET_MS = 8 * 3_600_000;
const DAY_MS = 24 * 3_600_000;

export interface DaySpan {
  fromMs: number;
  toMs: number;
}

export function dayStartMs(day: string): number {
  return Date.parse(`${day}T00:00:00+08:00`);
}

export function daySpan(day: string): DaySpan {
  const fromMs = dayStartMs(day);
  return { fromMs, toMs: fromMs + DAY_MS };
}

/** The day that is looked at; null for a window that is no whole day. */
export function dayOf({ fromMs, toMs }: DaySpan): string | null {
  const day = beijingDay(fromMs);
  return dayStartMs(day) === fromMs && toMs - fromMs === DAY_MS ? day : null;
}

/** `08:15:30` */
export function clockOf(ms: number): string {
  return new Date(ms + OFFSET_MS).toISOString().slice(11, 19);
}

/** `08:15` */
export function minuteOf(ms: number): string {
  return clockOf(ms).slice(0, 5);
}

/** `2026-11-27 08:15:30` */
export function secondOf(ms: number): string {
  return `${beijingDay(ms)} ${clockOf(ms)}`;
}

/** `2026-11-27T08:15:30+08:00`, with milliseconds where there are any. */
export function rfc3339(ms: number): string {
  const text = new Date(Math.round(ms) + OFFSET_MS).toISOString();
  return `${text.replace(/\.000Z$|Z$/, '')}+08:00`;
}

/** Null for what is no time with a zone. A plus that came as a blank is one. */
export function momentOf(text: string): number | null {
  const plain = text.replace(' ', '+');
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/i.test(plain))
    return null;
  const ms = Date.parse(plain);
  return Number.isNaN(ms) ? null : ms;
}

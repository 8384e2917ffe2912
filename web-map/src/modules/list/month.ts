/** A month as weeks of days, Monday first, in the plain calendar: no zones, no clocks. Pure. */
import type { FilterTerm } from '../../api/documents';

export interface Day {
  /** `2026-11-25` */
  date: string;
  day: number;
  isInMonth: boolean;
}

const DAY_MS = 86_400_000;

const iso = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const parse = (date: string) => Date.parse(`${date}T00:00:00Z`);

export function weeksOf(month: string): Day[][] {
  const first = parse(`${month}-01`);
  const weekday = (new Date(first).getUTCDay() + 6) % 7;
  const start = first - weekday * DAY_MS;
  const weeks: Day[][] = [];
  for (let week = 0; week < 6; week += 1) {
    const days = [0, 1, 2, 3, 4, 5, 6].map((at) => {
      const date = iso(start + (week * 7 + at) * DAY_MS);
      return { date, day: Number(date.slice(8)), isInMonth: date.startsWith(month) };
    });
    if (week > 0 && !days.some(({ isInMonth }) => isInMonth)) break;
    weeks.push(days);
  }
  return weeks;
}

export function monthAfter(month: string, months: number): string {
  const [year = 1970, number = 1] = month.split('-').map(Number);
  return iso(Date.UTC(year, number - 1 + months, 1)).slice(0, 7);
}

/** What touches the shown days: it begins before their end and, where it has an end, ends after their beginning. */
export function termsOfMonth(
  month: string,
  { start, end }: { start: string; end: string | null },
): FilterTerm[] {
  const days = weeksOf(month).flat();
  const [first, last] = [days[0]?.date ?? '', days.at(-1)?.date ?? ''];
  return [
    { field: start, op: 'le', value: last },
    { field: end ?? start, op: 'ge', value: first },
  ];
}

/** Is the day within what begins at `start` and ends at `end`? Without an end it is one day. */
export function covers(date: string, start: unknown, end: unknown): boolean {
  if (typeof start !== 'string' || !start) return false;
  const last = typeof end === 'string' && end ? end : start;
  return start.slice(0, 10) <= date && date <= last.slice(0, 10);
}

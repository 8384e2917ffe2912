/** From which day to which, and the days and months between. Days are texts like 2026-11-25: those of the city. */

export interface Period {
  from: string;
  /** Among them. */
  to: string;
}

export const MOST_DAYS = 366;

export const QUICK = ['month', 'lastMonth', 'quarter', 'year'] as const;
export type Quick = (typeof QUICK)[number];

const DAY_MS = 86_400_000;

/** What still runs ends today: days that nobody has driven on yet say nothing. */
export function quickPeriod(quick: Quick, today: string): Period {
  const [year, month] = [Number(today.slice(0, 4)), Number(today.slice(5, 7))];
  switch (quick) {
    case 'month':
      return { from: `${today.slice(0, 7)}-01`, to: today };
    case 'lastMonth':
      return monthPeriod(iso(Date.UTC(year, month - 2, 1)).slice(0, 7));
    case 'quarter':
      return { from: iso(Date.UTC(year, month - 1 - ((month - 1) % 3), 1)), to: today };
    case 'year':
      return { from: `${today.slice(0, 4)}-01-01`, to: today };
  }
}

/** The whole of `2026-11`. */
export function monthPeriod(month: string): Period {
  const [year, number] = [Number(month.slice(0, 4)), Number(month.slice(5, 7))];
  return { from: `${month}-01`, to: iso(Date.UTC(year, number, 0)) };
}

/** The part of `one` that is in `other`. */
export function clipped(one: Period, other: Period): Period {
  return {
    from: one.from > other.from ? one.from : other.from,
    to: one.to < other.to ? one.to : other.to,
  };
}

/** How many days it has; less than 1 for one that ends before it begins. */
export function daysIn({ from, to }: Period): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1;
}

export function isAskable(period: Period): boolean {
  const days = daysIn(period);
  return days >= 1 && days <= MOST_DAYS;
}

/** Every day, those without a trip too. */
export function daysOf(period: Period): string[] {
  const first = Date.parse(period.from);
  return Array.from({ length: Math.max(0, daysIn(period)) }, (_, n) => iso(first + n * DAY_MS));
}

/** Every month that it touches. */
export function monthsOf(period: Period): string[] {
  return [...new Set(daysOf(period).map((day) => day.slice(0, 7)))];
}

const iso = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

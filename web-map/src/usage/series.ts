/** What the chart draws of a usage: every day or month of the period, or the largest of the others. Pure. */
import type { Usage, UsageFigures, UsageRow } from '../api/usage';
import { consumption } from './figures';
import type { Measure } from './filter';
import { daysOf, monthsOf } from './period';

export const MOST_BARS = 20;

export interface Bar {
  /** Null for a day on which nobody drove. */
  row: UsageRow | null;
  key: string | null;
  distance: number;
  /** Of the chosen measure; null where it is not known. */
  value: number | null;
}

export function measured(figures: UsageFigures, measure: Measure): number | null {
  switch (measure) {
    case 'distance':
      return figures.distance_km;
    case 'trips':
      return figures.trips;
    case 'hours':
      return figures.moving_h;
    case 'consumption':
      return consumption(figures);
  }
}

export const isInTime = ({ by }: Usage): boolean => by === 'day' || by === 'month';

export function barsOf(usage: Usage, measure: Measure): Bar[] {
  return isInTime(usage) ? inTime(usage, measure) : largest(usage, measure);
}

/** The empty ones have gone no way; what they used for it is not known. */
function inTime(usage: Usage, measure: Measure): Bar[] {
  const rows = new Map(usage.rows.map((row) => [row.key, row]));
  const keys = usage.by === 'day' ? daysOf(usage) : monthsOf(usage);
  return keys.map((key) => {
    const row = rows.get(key);
    if (row) return barOf(row, measure);
    return { row: null, key, distance: 0, value: measure === 'consumption' ? null : 0 };
  });
}

function largest(usage: Usage, measure: Measure): Bar[] {
  return usage.rows
    .map((row) => barOf(row, measure))
    .filter(({ value }) => value !== null && value > 0)
    .sort((a, b) => (b.value ?? 0) - (a.value ?? 0))
    .slice(0, MOST_BARS);
}

const barOf = (row: UsageRow, measure: Measure): Bar => ({
  row,
  key: row.key,
  distance: row.distance_km,
  value: measured(row, measure),
});

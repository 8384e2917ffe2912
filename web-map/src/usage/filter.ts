/** What is summed up, as an address and back. What is at its default is left out: this month, by day. */
import { isOneOf } from '../alarms/seen';
import { USAGE_BY, type UsageBy, type UsageQuery } from '../api/usage';
import { readDay } from '../ui/read-day';
import { isAskable, type Period, quickPeriod } from './period';

/** What the chart draws. */
export const MEASURES = ['distance', 'trips', 'hours', 'consumption'] as const;
export type Measure = (typeof MEASURES)[number];

export interface UsageFilter extends Period {
  by: UsageBy;
  org: number | null;
  vehicle: number | null;
  measure: Measure;
  /** A column, with a minus before it for the largest first; null is the order of the server. */
  sort: string | null;
}

export function plainFilter(today: string): UsageFilter {
  return {
    by: 'day',
    ...quickPeriod('month', today),
    org: null,
    vehicle: null,
    measure: 'distance',
    sort: null,
  };
}

export function encodeFilter(filter: UsageFilter, today: string): Record<string, string> {
  const plain = plainFilter(today);
  const { by, from, to, org, vehicle, measure, sort } = filter;
  const query: Record<string, string> = {};
  if (by !== plain.by) query.by = by;
  if (from !== plain.from || to !== plain.to) Object.assign(query, { from, to });
  if (org) query.org = String(org);
  if (vehicle) query.vehicle = String(vehicle);
  if (measure !== plain.measure) query.show = measure;
  if (sort) query.sort = sort;
  return query;
}

/** Anything may stand in an address: what cannot be read falls back to its default. */
export function decodeFilter(query: Record<string, unknown>, today: string): UsageFilter {
  const plain = plainFilter(today);
  const { by, show, sort } = query;
  return {
    ...plain,
    ...periodIn(query),
    by: isOneOf(USAGE_BY, by) ? by : plain.by,
    org: idIn(query.org),
    vehicle: idIn(query.vehicle),
    measure: isOneOf(MEASURES, show) ? show : plain.measure,
    sort: typeof sort === 'string' && /^-?[a-z_]{1,30}$/.test(sort) ? sort : null,
  };
}

export const questionOf = ({ by, from, to, org, vehicle }: UsageFilter): UsageQuery => ({
  by,
  from,
  to,
  org: org ?? undefined,
  vehicle: vehicle ?? undefined,
});

/** A heading steps from the largest first to the smallest first to the order of the server. */
export function nextSort(sort: string | null, column: string): string | null {
  if (sort === `-${column}`) return column;
  return sort === column ? null : `-${column}`;
}

function periodIn(query: Record<string, unknown>): Period | null {
  const [from, to] = [query.from, query.to].map((day) =>
    typeof day === 'string' ? readDay(day) : null,
  );
  return from && to && isAskable({ from, to }) ? { from, to } : null;
}

const idIn = (value: unknown): number | null =>
  typeof value === 'string' && /^[1-9]\d{0,14}$/.test(value) ? Number(value) : null;

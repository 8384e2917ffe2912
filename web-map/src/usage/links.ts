/** Where a number leads: to what it is the sum of, down to the replay of a day and the list of alarms. Pure. */
import { emptyFilter, encodeFilter as encodeAlarms } from '../alarms/filter';
import type { AlarmLevel } from '../api/alarms';
import type { UsageRow } from '../api/usage';
import { dayReplay } from '../replay/link';
import { encodeFilter, type UsageFilter } from './filter';
import { clipped, monthPeriod, type Period } from './period';

/** The days that a row sums up. */
export function periodOf({ key }: UsageRow, filter: UsageFilter): Period {
  const { by, from, to } = filter;
  if (by === 'day' && key) return { from: key, to: key };
  if (by === 'month' && key) return clipped(monthPeriod(key), { from, to });
  return { from, to };
}

export function usagePath(filter: UsageFilter, today: string): string {
  const params = new URLSearchParams(encodeFilter(filter, today));
  return params.size > 0 ? `/usage?${params}` : '/usage';
}

/** What a row is the sum of, as a filter; null where nothing is narrower. */
export function narrower(row: UsageRow, filter: UsageFilter): UsageFilter | null {
  const plain = { ...filter, ...periodOf(row, filter), sort: null };
  switch (filter.by) {
    case 'day':
      return filter.vehicle === null ? { ...plain, by: 'vehicle' } : null;
    case 'month':
      return { ...plain, by: 'day' };
    case 'vehicle':
      return row.key === null ? null : { ...plain, by: 'day', vehicle: Number(row.key) };
    case 'org': {
      const org = row.org?.org_id ?? (row.key === null ? null : Number(row.key));
      return org === null ? null : { ...plain, by: 'vehicle', org };
    }
    case 'driver':
      return row.key === null ? { ...plain, by: 'vehicle', sort: '-outside' } : null;
  }
}

/** A vehicle and a day of one are played again; all else is looked at more closely. */
export function rowPath(row: UsageRow, filter: UsageFilter, today: string): string | null {
  if (filter.by === 'vehicle') {
    if (row.key === null) return null;
    return dayReplay(Number(row.key), filter.to < today ? filter.to : today);
  }
  if (filter.by === 'day' && filter.vehicle !== null && row.key) {
    return dayReplay(filter.vehicle, row.key);
  }
  return numberPath(row, filter, today);
}

/** Sorted by the number that was followed. */
export function numberPath(
  row: UsageRow,
  filter: UsageFilter,
  today: string,
  sort: string | null = null,
): string | null {
  const next = narrower(row, filter);
  if (next) return usagePath(sort ? { ...next, sort } : next, today);
  return filter.by === 'day' ? rowPath(row, filter, today) : null;
}

/** The alarms of a row, or of all of them; those of a body without the bodies below it, or of a driver, stand in no list of their own. */
export function alarmsPath(
  row: UsageRow | null,
  filter: UsageFilter,
  today: string,
  level: AlarmLevel | null = null,
): string | null {
  const isVehicle = row !== null && filter.by === 'vehicle' && row.key !== null;
  const vehicle = isVehicle ? Number(row.key) : filter.vehicle;
  const isWhole = row === null || filter.by === 'day' || filter.by === 'month' || isVehicle;
  if (isWhole) {
    const period = row ? periodOf(row, filter) : { from: filter.from, to: filter.to };
    const { org } = filter;
    const query = encodeAlarms({ ...emptyFilter(), state: 'all', level, vehicle, org, period });
    return `/alarms?${new URLSearchParams(query)}`;
  }
  return numberPath(row, filter, today, '-alarms');
}

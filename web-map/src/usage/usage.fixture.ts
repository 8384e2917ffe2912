/** Usage for tests: a vehicle of a month in which all is in order, unless told otherwise. */
import type { Usage, UsageFigures, UsageRow } from '../api/usage';

export function figuresOf(rest: Partial<UsageFigures> = {}): UsageFigures {
  return {
    vehicles: 1,
    days: 12,
    trips: 31,
    distance_km: 500,
    moving_h: 14.2,
    trip_h: 16.9,
    max_kmh: 98,
    odometer_km: 505,
    odometer_trips: 31,
    fuel_l: 48,
    fuel_trips: 30,
    fuel_km: 480,
    refuels: 1,
    refuelled_l: 45,
    idle_h: 1.3,
    outside_orders: { trips: 3, distance_km: 41 },
    alarms: { severe: 1, warning: 4, notice: 0 },
    ...rest,
  };
}

export function rowOf(key: string | null, rest: Partial<UsageRow> = {}): UsageRow {
  return { ...figuresOf(), key, label: null, org: null, ...rest };
}

export function usageOf(rows: UsageRow[], rest: Partial<Usage> = {}): Usage {
  return {
    by: 'vehicle',
    from: '2026-11-01',
    to: '2026-11-30',
    rows,
    total: figuresOf(),
    as_of_ms: Date.parse('2026-11-27T12:00:00+08:00'),
    ...rest,
  };
}

/** What vehicles were used for: trips, distance, fuel, orders and alarms, summed up by day, vehicle, driver or body. */
import { call, queryString } from './client';

export const USAGE_BY = ['day', 'month', 'vehicle', 'driver', 'org'] as const;
export type UsageBy = (typeof USAGE_BY)[number];

export interface UsageFigures {
  vehicles: number;
  /** Pairs of a vehicle and a day with a trip. */
  days: number;
  trips: number;
  distance_km: number;
  moving_h: number;
  trip_h: number;
  /** Null without a trip. */
  max_kmh: number | null;
  /** Over the `odometer_trips`, those whose odometer is told at both ends. */
  odometer_km: number | null;
  odometer_trips: number;
  /** What the track says of the `odometer_trips`; where it is missing, only whole sums can be compared. */
  odometer_track_km?: number | null;
  /** What left the tank over the `fuel_trips`, which together went `fuel_km`. */
  fuel_l: number | null;
  fuel_trips: number;
  fuel_km: number;
  refuels: number;
  refuelled_l: number;
  /** Standing with the ignition on, where terminals tell. */
  idle_h: number | null;
  /** Trips that no approved order covers; null where nothing is kept of orders. */
  outside_orders: { trips: number; distance_km: number } | null;
  alarms: { severe: number; warning: number; notice: number };
}

export interface UsageRow extends UsageFigures {
  /** A day, a month, an id or a name, as `by` says; null where there is none, like the driver of a trip without an order. */
  key: string | null;
  label: string | null;
  org: { org_id: number; name: string } | null;
}

export interface Usage {
  by: UsageBy;
  from: string;
  to: string;
  /** In order of time without the empty ones, or the longest way first. */
  rows: UsageRow[];
  total: UsageFigures;
  as_of_ms: number;
}

export interface UsageQuery {
  by: UsageBy;
  /** Days of the city, both among them. */
  from: string;
  to: string;
  /** With those below it. */
  org?: number | undefined;
  vehicle?: number | undefined;
}

/** A year of a whole city takes its time. */
const TIMEOUT_MS = 60_000;

export const getUsage = (query: UsageQuery, signal?: AbortSignal): Promise<Usage> =>
  call('/vehicles/usage', { query: { ...query }, signal, timeoutMs: TIMEOUT_MS });

/** The same as a workbook. */
export const usageFilePath = (query: UsageQuery & { lang: string }): string =>
  `/api/v1/vehicles/usage.xlsx${queryString({ ...query })}`;

/** What follows from the figures of a row: consumption, and whether odometer, track and fuel agree. Pure. */
import type { UsageFigures } from '../api/usage';

/** More than this, and the odometer and the track do not tell of the same way. */
export const MOST_DEVIATION = 0.05;
/** More than this above what was used, and what was filled in went somewhere else. */
export const MOST_EXCESS = 0.2;
/** In fewer days the level of the tank decides, and a full one looks like an excess. */
export const LEAST_DAYS = 7;

/** Litres per 100 km. */
export function consumption({ fuel_l, fuel_km }: UsageFigures): number | null {
  return fuel_l === null || fuel_km <= 0 ? null : (fuel_l / fuel_km) * 100;
}

/** How much more the odometer says than the track, as a share of the track; null where they are not of the same trips. */
export function deviation(figures: UsageFigures): number | null {
  const { odometer_km, odometer_trips, trips, distance_km } = figures;
  const track = figures.odometer_track_km ?? (odometer_trips === trips ? distance_km : null);
  return odometer_km === null || track === null || track <= 0 ? null : odometer_km / track - 1;
}

export const isDeviant = (figures: UsageFigures): boolean =>
  Math.abs(deviation(figures) ?? 0) > MOST_DEVIATION;

/** What left the tank on all trips: those that do not tell count as thirsty as the others. */
function usedLitres(figures: UsageFigures): number | null {
  const per100 = consumption(figures);
  if (per100 === null || figures.fuel_l === null) return null;
  return Math.max(figures.fuel_l, (per100 * figures.distance_km) / 100);
}

/** How much more was filled in than used, as a share of what was used; null where that says nothing. */
export function excess(figures: UsageFigures, days: number): number | null {
  const used = usedLitres(figures);
  if (used === null || used <= 0 || days < LEAST_DAYS || figures.refuelled_l <= 0) return null;
  return figures.refuelled_l / used - 1;
}

export const isExcessive = (figures: UsageFigures, days: number): boolean =>
  (excess(figures, days) ?? 0) > MOST_EXCESS;

export const alarmCount = ({ alarms }: UsageFigures): number =>
  alarms.severe + alarms.warning + alarms.notice;

/** The part of the way that no order covers; null where nothing is kept of orders, or nobody drove. */
export function outsideShare({ outside_orders, distance_km }: UsageFigures): number | null {
  return outside_orders && distance_km > 0 ? outside_orders.distance_km / distance_km : null;
}

/** What the server finds, the same for every form of the question. */
import type { Vehicle, VehicleStatus } from '../../api';
import { findAlong, findWithin, listNearest } from '../../api/nearby';
import { circleRing, type Position } from '../../fences/geo';
import { cornersOf } from '../../fences/sketch';
import type { AskedForm, Question } from './question';

export interface Found {
  vehicle: Vehicle;
  /** From the point, or from the line; null within an area. */
  distanceM: number | null;
  /** From the beginning of the line. */
  alongM: number | null;
}

export interface Answer {
  form: AskedForm;
  total: number;
  byStatus: Partial<Record<VehicleStatus, number>> | null;
  found: Found[];
}

export interface Asked {
  question: Question;
  status: VehicleStatus[];
}

export async function findNear({ question, status }: Asked, signal: AbortSignal): Promise<Answer> {
  const { form, points, metres, count } = question;
  const some = status.length > 0 ? { status } : {};
  if (form === 'point') {
    const [lon, lat] = points[0] as Position;
    const items = await listNearest(
      { lon, lat, count, within_m: metres ?? undefined, status: status.join(',') || undefined },
      signal,
    );
    const found = items.map((item) => ({
      vehicle: item,
      distanceM: item.distance_m,
      alongM: null,
    }));
    return { form, total: items.length, byStatus: null, found };
  }
  if (form === 'corridor') {
    const line = points.map(([lon, lat]): Position => [lon, lat]);
    const { total, items } = await findAlong({ line, within_m: metres ?? 1, ...some }, signal);
    const found = items.map((item) => ({
      vehicle: item,
      distanceM: item.offset_m,
      alongM: item.along_m,
    }));
    return { form, total, byStatus: null, found };
  }
  const geometry = { type: 'Polygon' as const, coordinates: [ringOf(question)] };
  const { total, by_status, items } = await findWithin({ geometry, ...some }, signal);
  const found = items.map((vehicle) => ({ vehicle, distanceM: null, alongM: null }));
  return { form, total, byStatus: by_status, found };
}

/** It ends where it begins. */
export function ringOf({ form, points, metres }: Question): Position[] {
  const [first] = points;
  if (!first) return [];
  if (form === 'circle') return circleRing(first, metres ?? 1);
  return [...cornersOf({ form, points }), first].map(([lon, lat]): Position => [lon, lat]);
}

/** Vehicles that stand side by side do not change places at every answer: within a metre the order before holds. */
export function inSteadyOrder(found: readonly Found[], before: readonly Found[]): Found[] {
  const place = new Map(before.map(({ vehicle }, at) => [vehicle.feature_id, at]));
  const rank = ({ vehicle }: Found) => place.get(vehicle.feature_id) ?? before.length;
  const step = ({ distanceM, alongM }: Found) => Math.round(alongM ?? distanceM ?? 0);
  return found
    .map((one, at) => ({ one, at }))
    .sort((a, b) => step(a.one) - step(b.one) || rank(a.one) - rank(b.one) || a.at - b.at)
    .map(({ one }) => one);
}

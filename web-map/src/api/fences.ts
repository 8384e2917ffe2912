/** Fences of vehicles: where they are, what they ask to be told, and whose vehicles they are about. */
import type { LineString, MultiPolygon, Point, Polygon } from 'geojson';
import { call } from './client';

export const ASKS = ['enter', 'leave', 'dwell', 'inside', 'outside'] as const;
export type Ask = (typeof ASKS)[number];

/** A point with a radius, a line with a width, or an area. */
export type Outline = Point | LineString | Polygon | MultiPolygon;

export interface Fence {
  fence_id: number;
  name: string;
  /** As it was drawn, or the outline of the place; null for a place that has none any more. */
  geometry: Outline | null;
  /** The radius about a point, the whole width of a corridor. */
  metres: number | null;
  /** The place whose outline it is. */
  feature_id: number | null;
  org: { org_id: number; name: string };
  asks: Ask[];
  dwell_limit_s: number | null;
  limit_kmh: number | null;
  /** Vehicles may stand here overnight. */
  is_parking: boolean;
  /** Only these; all of the organisation's where it is empty. */
  vehicles: number[];
  version: number;
  changed_by: string;
  changed_ms: number;
}

export interface FencePlan {
  name: string;
  org_id: number;
  area: { drawn: { geometry: Outline; metres?: number } } | { place: number };
  asks: Ask[];
  dwell_limit_s: number | null;
  limit_kmh: number | null;
  is_parking: boolean;
  vehicles: number[];
}

/** Somebody was quicker. */
export const FENCE_CHANGED = 'fence-changed';

/** Those in force, by name. */
export const listFences = async (signal?: AbortSignal): Promise<Fence[]> =>
  (await call<{ items: Fence[] }>('/fences', { signal })).items;

export const addFence = (body: FencePlan): Promise<Fence> =>
  call('/fences', { method: 'POST', body });

export const changeFence = (id: number, version: number, body: FencePlan): Promise<Fence> =>
  call(`/fences/${id}`, { method: 'PUT', query: { version }, body });

export const retireFence = (id: number): Promise<void> =>
  call(`/fences/${id}`, { method: 'DELETE' });

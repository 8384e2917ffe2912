/** Vehicles about a place: the nearest, those within an area, those along a line. The server measures on the globe. */
import type { MultiPolygon, Polygon } from 'geojson';
import type { VehicleList } from '.';
import { call } from './client';
import type { Vehicle, VehicleStatus } from './types';

export interface NearVehicle extends Vehicle {
  distance_m: number;
}

export interface AlongVehicle extends Vehicle {
  /** From the first point of the line. */
  along_m: number;
  /** From the line. */
  offset_m: number;
}

interface NearestQuery {
  lon: number;
  lat: number;
  count: number;
  within_m?: number | undefined;
  /** Several are told apart by commas. */
  status?: string | undefined;
}

/** The nearest first. */
export const listNearest = async (
  { lon, lat, count, within_m, status }: NearestQuery,
  signal?: AbortSignal,
): Promise<NearVehicle[]> =>
  (
    await call<{ items: NearVehicle[] }>('/vehicles/nearest', {
      query: { lon, lat, count, within_m, status },
      signal,
    })
  ).items;

export const findWithin = (
  body: { geometry: Polygon | MultiPolygon; status?: VehicleStatus[] },
  signal?: AbortSignal,
): Promise<VehicleList> => call('/vehicles/within', { method: 'POST', body, signal });

/** In the order along the line. */
export const findAlong = (
  body: { line: (readonly [number, number])[]; within_m: number; status?: VehicleStatus[] },
  signal?: AbortSignal,
): Promise<{ total: number; items: AlongVehicle[] }> =>
  call('/vehicles/along', { method: 'POST', body, signal });

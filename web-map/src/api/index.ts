/** One function a resource. */
import { call } from './client';
import type {
  Feature,
  FeatureBrief,
  Figure,
  Layer,
  Org,
  SearchHit,
  TrackPoint,
  Vehicle,
  VehicleStatus,
} from './types';

export { ApiProblem, asProblem, isAbort } from './client';
export type * from './documents';
export { listRecords } from './documents';
export type * from './types';

export const listLayers = async (signal?: AbortSignal): Promise<Layer[]> =>
  (await call<{ layers: Layer[] }>('/layers', { signal })).layers;

export const getFeature = (id: number, signal?: AbortSignal): Promise<Feature> =>
  call(`/features/${id}`, { signal });

export const listChildren = async (
  id: number,
  kind: string,
  signal?: AbortSignal,
): Promise<FeatureBrief[]> =>
  (await call<{ items: FeatureBrief[] }>(`/features/${id}/children`, { query: { kind }, signal }))
    .items;

export const search = (
  q: string,
  limit: number,
  signal?: AbortSignal,
): Promise<{ items: SearchHit[]; took_ms: number }> =>
  call('/search', { query: { q, limit }, signal });

export interface VehicleList {
  total: number;
  by_status: Partial<Record<VehicleStatus, number>>;
  items: Vehicle[];
}

export const listVehicles = (
  query: { q?: string | undefined; status?: string | undefined; limit?: number | undefined },
  signal?: AbortSignal,
): Promise<VehicleList> => call('/vehicles', { query, signal });

export const getVehicle = (id: number, signal?: AbortSignal): Promise<Vehicle> =>
  call(`/vehicles/${id}`, { signal });

export const getTrack = async (
  id: number,
  from: string,
  to: string,
  signal?: AbortSignal,
): Promise<TrackPoint[]> =>
  (await call<{ points: TrackPoint[] }>(`/vehicles/${id}/track`, { query: { from, to }, signal }))
    .points;

export const getOverview = async (signal?: AbortSignal): Promise<Figure[]> =>
  (await call<{ figures: Figure[] }>('/overview', { signal })).figures;

export const listOrgs = async (signal?: AbortSignal): Promise<Org[]> =>
  (await call<{ items: Org[] }>('/orgs', { signal })).items;

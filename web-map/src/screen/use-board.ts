/** What the cards of the wall show. The last answer stays when the server is gone; its age tells. */
import { type Document, type Figure, getOverview, listVehicles, type Vehicle } from '../api';
import { call } from '../api/client';
import { every } from '../live/every';
import { type Resource, useResource } from '../ui/resource';

const FIGURES_MS = 5_000;
const REPAIRS_MS = 15_000;
const REPAIRS = 6;
const ON_THE_ROAD = 12;

export interface Board {
  figures: Resource<Map<string, Figure>>;
  repairs: Resource<Document[]>;
  /** With the browser's time of the answer. */
  road: Resource<{ vehicles: Vehicle[]; atMs: number }>;
}

export function useBoard(): Board {
  const figures = useResource(
    () => 'overview',
    async (_, signal) =>
      new Map((await getOverview(signal)).map((figure) => [figure.id, figure] as const)),
  );
  const repairs = useResource(
    () => REPAIRS,
    async (limit, signal) => {
      const query = { kind: 'repair', limit };
      return (await call<{ items: Document[] }>('/documents', { query, signal })).items;
    },
  );
  const road = useResource(
    () => ON_THE_ROAD,
    async (limit, signal) => {
      const { items } = await listVehicles({ status: 'moving', limit }, signal);
      return { vehicles: items, atMs: Date.now() };
    },
  );
  every(FIGURES_MS, () => {
    if (!road.loading.value) void road.reload();
    if (!figures.loading.value) void figures.reload();
  });
  every(REPAIRS_MS, () => {
    if (!repairs.loading.value) void repairs.reload();
  });
  return { figures, repairs, road };
}

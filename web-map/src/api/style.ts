/** Map styles and the extent of what they draw. */
import type { StyleSpecification } from 'maplibre-gl';
import { fetchJson } from './client';
import type { Bbox } from './types';

export const fetchStyle = (
  name: 'light' | 'dark' | 'wall',
  lang: 'zh' | 'en',
  signal?: AbortSignal,
): Promise<StyleSpecification> => fetchJson(`/styles/${name}.json?lang=${lang}`, { signal });

/** Where buildings and land are, as TileJSON says; null where that is not known. */
export async function fetchExtent(signal?: AbortSignal): Promise<Bbox | null> {
  try {
    const answer = await fetchJson<{ bounds?: Bbox }>('/tiles/buildings,parcels.json', { signal });
    const [west, south, east, north] = answer.bounds ?? [-180, -90, 180, 90];
    return east - west < 180 ? [west, south, east, north] : null;
  } catch {
    return null;
  }
}

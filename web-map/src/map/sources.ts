/** What each source of the map is doing, for the layer tree: fetching, failing, or nothing to report. */
import type { Map as MapLibreMap } from 'maplibre-gl';
import { reactive, readonly } from 'vue';
import { tellSessionNews } from '../api/session-news';
import { onMapReady } from './map';

export type SourceState = 'loading' | 'failed';

const states = reactive<Record<string, SourceState>>({});

export const sourceStates = readonly(states);

const watched = new WeakSet<MapLibreMap>();

onMapReady((map) => {
  if (watched.has(map)) return;
  watched.add(map);
  map.on('sourcedataloading', ({ sourceId }) => {
    if (sourceId && states[sourceId] !== 'failed') states[sourceId] = 'loading';
  });
  map.on('error', (event) => {
    const sourceId = 'sourceId' in event ? String(event.sourceId) : null;
    if (sourceId) states[sourceId] = 'failed';
    // Tiles are fetched by the library: the only call whose refusal `api/client.ts` does not see.
    if ('status' in event.error && event.error.status === 401) tellSessionNews('not-signed-in');
  });
  map.on('sourcedata', ({ sourceId, isSourceLoaded }) => {
    if (sourceId && isSourceLoaded && states[sourceId] === 'loading') delete states[sourceId];
  });
  map.on('idle', () => {
    for (const id of Object.keys(states)) if (states[id] === 'loading') delete states[id];
  });
  // A move asks for other tiles: what failed before may well succeed.
  map.on('movestart', () => {
    for (const id of Object.keys(states)) if (states[id] === 'failed') delete states[id];
  });
});

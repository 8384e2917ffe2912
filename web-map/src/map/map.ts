/**
 * The one map of the client. It is made once and lives as long as the page: routes move its element, they never make a
 * second one, because each map costs a WebGL context and contexts run out.
 */
import * as maplibregl from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import 'maplibre-gl/dist/maplibre-gl.css';

export type StyleName = 'light' | 'dark' | 'wall';

export interface MapStart {
  style: maplibregl.StyleSpecification;
  center?: [number, number];
  zoom?: number;
  bearing?: number;
  pitch?: number;
  /** In place of a centre: everything there is. */
  bounds?: [number, number, number, number];
  locale?: Record<string, string>;
}

type MapListener = (map: maplibregl.Map) => void;

/** Walls are wider than the 4096 pixels at which the library stops by default. */
const MAX_CANVAS: [number, number] = [8192, 4320];

let instance: maplibregl.Map | null = null;
let styled = false;
const ready = new Set<MapListener>();

export function mapInstance(): maplibregl.Map | null {
  return instance;
}

/** Whether layers, filters and states may be set now. */
export function styledMap(): maplibregl.Map | null {
  return styled ? instance : null;
}

/** Calls back each time a style has loaded, at once if one has: the moment to add layers. Returns the way to stop. */
export function onMapReady(listener: MapListener): () => void {
  ready.add(listener);
  if (instance && styled) listener(instance);
  return () => ready.delete(listener);
}

/** Puts the map into `host`, making it on the first call. Throws `GPUInitializationError` where WebGL2 is missing. */
export function mountMap(host: HTMLElement, start: MapStart): maplibregl.Map {
  if (instance) {
    host.append(instance.getContainer());
    instance.resize();
    return instance;
  }
  maplibregl.setWorkerUrl(workerUrl);
  const container = document.createElement('div');
  container.className = 'om-map';
  host.append(container);
  const map = new maplibregl.Map({
    container,
    attributionControl: false,
    maxCanvasSize: MAX_CANVAS,
    maxPitch: 60,
    dragRotate: true,
    fadeDuration: 120,
    // Tiles out of sight are dropped: a change can only refresh tiles on screen, and the HTTP cache answers for the rest.
    maxTileCacheSize: 0,
    fitBoundsOptions: { padding: 48 },
    ...start,
  });
  map.on('style.load', () => {
    styled = true;
    for (const listener of ready) listener(map);
  });
  instance = map;
  return map;
}

/** Ends the map, so that the next `mountMap` makes a new one: only for a WebGL context that does not come back. */
export function discardMap() {
  const map = instance;
  instance = null;
  styled = false;
  map?.remove();
}

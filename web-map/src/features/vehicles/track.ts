/** The way a vehicle came: fetched once, grown by the live stream, never longer than its window. */
import type { GeoJSONSource, Map as MapLibreMap } from 'maplibre-gl';
import type { TrackPoint } from '../../api';
import { mercatorX, mercatorY, metresPerUnit } from '../../live/mercator';
import { VEHICLE_LAYER } from '../../live/vehicle-layer';

export const TRACK_WINDOW_MS = 30 * 60_000;
const SOURCE = 'vehicle-track';
const CASING = 'vehicle-track-casing';

/** `points` and one more, without those that fell out of the window before `untilMs` and without a repeated fix. */
export function extended(points: TrackPoint[], next: TrackPoint, untilMs: number): TrackPoint[] {
  const kept = points.filter(([, , t]) => t >= untilMs - TRACK_WINDOW_MS);
  const last = kept.at(-1);
  return last !== undefined && next[2] <= last[2] ? kept : [...kept, next];
}

export function lengthM(points: TrackPoint[]): number {
  let sum = 0;
  for (let index = 1; index < points.length; index += 1) {
    const [a, b] = [points[index - 1] as TrackPoint, points[index] as TrackPoint];
    const ay = mercatorY(a[1]);
    const by = mercatorY(b[1]);
    const units = Math.hypot(mercatorX(b[0]) - mercatorX(a[0]), by - ay);
    sum += units * metresPerUnit((ay + by) / 2);
  }
  return sum;
}

/** Draws the track under the marks; it fades towards the past. */
export function drawTrack(map: MapLibreMap, points: TrackPoint[], color: string, rim: string) {
  const data: GeoJSON.Feature<GeoJSON.LineString> = {
    type: 'Feature',
    properties: {},
    geometry: { type: 'LineString', coordinates: points.map(([lon, lat]) => [lon, lat]) },
  };
  const source = map.getSource<GeoJSONSource>(SOURCE);
  if (source !== undefined) {
    source.setData(data);
    return;
  }
  const before = map.getLayer(VEHICLE_LAYER) === undefined ? undefined : VEHICLE_LAYER;
  const round = { 'line-cap': 'round', 'line-join': 'round' } as const;
  map.addSource(SOURCE, { type: 'geojson', data, lineMetrics: true });
  map.addLayer(
    {
      id: CASING,
      type: 'line',
      source: SOURCE,
      layout: round,
      paint: { 'line-color': rim, 'line-width': 6.5, 'line-opacity': 0.55 },
    },
    before,
  );
  map.addLayer(
    {
      id: SOURCE,
      type: 'line',
      source: SOURCE,
      layout: round,
      paint: {
        'line-width': 3.5,
        'line-gradient': ['interpolate', ['linear'], ['line-progress'], 0, `${color}40`, 1, color],
      },
    },
    before,
  );
}

export function eraseTrack(map: MapLibreMap) {
  for (const layer of [SOURCE, CASING]) if (map.getLayer(layer)) map.removeLayer(layer);
  if (map.getSource(SOURCE)) map.removeSource(SOURCE);
}

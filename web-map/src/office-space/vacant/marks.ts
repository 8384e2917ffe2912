/** The rooms that were found, as numbered marks on the map: the numbers are those of the list. */
import type { GeoJSONSource, Map as MapLibreMap } from 'maplibre-gl';
import type { VacantRoom } from '../../api/space';
import type { Selection } from '../../stores/view';

const SOURCE = 'vacant-found';
const NUMBERS = 'vacant-found-number';

export function drawVacant(
  map: MapLibreMap,
  rooms: readonly VacantRoom[],
  /** Rooms of several floors lie at one place: the one that is chosen is on top. */
  chosen: number | null,
  color: string,
  rim: string,
) {
  const data: GeoJSON.FeatureCollection<GeoJSON.Point> = {
    type: 'FeatureCollection',
    features: rooms.map(({ feature_id, lon, lat }, index) => ({
      type: 'Feature',
      id: feature_id,
      properties: { number: String(index + 1), order: feature_id === chosen ? -1 : index },
      geometry: { type: 'Point', coordinates: [lon, lat] },
    })),
  };
  const source = map.getSource<GeoJSONSource>(SOURCE);
  if (source !== undefined) {
    source.setData(data);
    return;
  }
  map.addSource(SOURCE, { type: 'geojson', data });
  map.addLayer({
    id: SOURCE,
    type: 'circle',
    source: SOURCE,
    // The best one is drawn last, on top.
    layout: { 'circle-sort-key': ['-', 0, ['get', 'order']] },
    paint: {
      'circle-radius': 10,
      'circle-color': color,
      'circle-stroke-color': rim,
      'circle-stroke-width': 2,
    },
  });
  map.addLayer({
    id: NUMBERS,
    type: 'symbol',
    source: SOURCE,
    layout: {
      'text-field': ['get', 'number'],
      'text-font': ['Noto Sans SC'],
      'text-size': 11,
      'text-padding': 0,
      'symbol-sort-key': ['get', 'order'],
    },
    paint: { 'text-color': rim },
  });
}

export function eraseVacant(map: MapLibreMap) {
  for (const layer of [NUMBERS, SOURCE]) if (map.getLayer(layer)) map.removeLayer(layer);
  if (map.getSource(SOURCE)) map.removeSource(SOURCE);
}

export function pickVacant(map: MapLibreMap, { x, y }: { x: number; y: number }): Selection | null {
  if (!map.getLayer(SOURCE)) return null;
  const hit = map.queryRenderedFeatures([x, y], { layers: [SOURCE] })[0];
  return hit?.id === undefined ? null : { kind: 'room', id: Number(hit.id) };
}

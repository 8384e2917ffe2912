/** Fences and drawings on the map, in the colours of the page. */
import type { FeatureCollection } from 'geojson';
import type {
  ExpressionSpecification,
  GeoJSONSource,
  LayerSpecification,
  Map as MapLibreMap,
} from 'maplibre-gl';
import { tokenOf } from '../replay/colors';

const FENCES = 'own-fences';
const SKETCH = 'own-sketch';
/** What a click on the map chooses a fence by. */
export const PICKED_LAYERS = [`${FENCES}-fill`, `${FENCES}-corridor`];
const NOTHING: FeatureCollection = { type: 'FeatureCollection', features: [] };
const DEEPEST_ZOOM = 24;

/** So many metres on the ground, at every zoom. */
const WIDTH: ExpressionSpecification = [
  'interpolate',
  ['exponential', 2],
  ['zoom'],
  0,
  ['get', 'width'],
  DEEPEST_ZOOM,
  ['*', ['get', 'width'], 2 ** DEEPEST_ZOOM],
];
const IS_CHOSEN: ExpressionSpecification = ['boolean', ['get', 'chosen'], false];
const IS_WRONG: ExpressionSpecification = ['boolean', ['get', 'wrong'], false];
const isPart = (part: string): ExpressionSpecification => ['==', ['get', 'part'], part];
const isArea: ExpressionSpecification = ['==', ['geometry-type'], 'Polygon'];
const isMulti: ExpressionSpecification = ['==', ['geometry-type'], 'MultiPolygon'];
const isFill: ExpressionSpecification = ['any', isArea, isMulti];
const isLine: ExpressionSpecification = ['==', ['geometry-type'], 'LineString'];

function layers(): LayerSpecification[] {
  const token = (name: string) => tokenOf(document.documentElement, name);
  const [accent, ok, danger, surface, text] = [
    token('--om-accent'),
    token('--om-ok'),
    token('--om-danger'),
    token('--om-surface'),
    token('--om-text'),
  ];
  const color: ExpressionSpecification = ['case', ['get', 'parking'], ok, accent];
  const drawnColor: ExpressionSpecification = ['case', IS_WRONG, danger, accent];
  const edge: ExpressionSpecification = ['case', IS_CHOSEN, 3, 1.5];
  const fill: ExpressionSpecification = ['case', IS_CHOSEN, 0.26, 0.1];
  const round = { 'line-join': 'round', 'line-cap': 'round' } as const;
  return [
    {
      id: `${FENCES}-fill`,
      type: 'fill',
      source: FENCES,
      filter: isFill,
      paint: { 'fill-color': color, 'fill-opacity': fill },
    },
    {
      id: `${FENCES}-corridor`,
      type: 'line',
      source: FENCES,
      filter: isLine,
      layout: round,
      paint: { 'line-color': color, 'line-opacity': fill, 'line-width': WIDTH },
    },
    {
      id: `${FENCES}-edge`,
      type: 'line',
      source: FENCES,
      filter: isFill,
      paint: { 'line-color': color, 'line-width': edge },
    },
    {
      id: `${FENCES}-corridor-edge`,
      type: 'line',
      source: FENCES,
      filter: isLine,
      layout: round,
      paint: { 'line-color': color, 'line-width': edge, 'line-gap-width': WIDTH },
    },
    {
      id: `${SKETCH}-fill`,
      type: 'fill',
      source: SKETCH,
      filter: isPart('shape'),
      paint: { 'fill-color': drawnColor, 'fill-opacity': 0.22 },
    },
    {
      id: `${SKETCH}-corridor`,
      type: 'line',
      source: SKETCH,
      filter: isPart('corridor'),
      layout: round,
      paint: { 'line-color': accent, 'line-opacity': 0.26, 'line-width': WIDTH },
    },
    {
      id: `${SKETCH}-outline`,
      type: 'line',
      source: SKETCH,
      filter: ['all', isPart('shape'), ['!', ['boolean', ['get', 'open'], false]]],
      paint: { 'line-color': drawnColor, 'line-width': 2.5 },
    },
    {
      id: `${SKETCH}-edge`,
      type: 'line',
      source: SKETCH,
      filter: isPart('edge'),
      layout: round,
      paint: { 'line-color': drawnColor, 'line-width': 2.5, 'line-dasharray': [2, 1.5] },
    },
    {
      id: `${SKETCH}-handle`,
      type: 'circle',
      source: SKETCH,
      filter: isPart('handle'),
      paint: {
        'circle-radius': ['case', ['any', IS_CHOSEN, ['get', 'first']], 8, 6],
        'circle-color': ['case', IS_CHOSEN, accent, surface],
        'circle-stroke-color': accent,
        'circle-stroke-width': 2.5,
      },
    },
    {
      id: `${FENCES}-name`,
      type: 'symbol',
      source: FENCES,
      filter: ['==', ['geometry-type'], 'Point'],
      layout: {
        'text-field': ['get', 'name'],
        'text-size': 13,
        'text-max-width': 10,
        'symbol-placement': 'point',
        'text-allow-overlap': false,
        'symbol-sort-key': ['case', IS_CHOSEN, 0, 1],
      },
      paint: { 'text-color': text, 'text-halo-color': surface, 'text-halo-width': 1.6 },
    },
  ];
}

/** In the lettering of the map. */
function fontOf(map: MapLibreMap): string[] | undefined {
  for (const layer of map.getStyle().layers) {
    const font = layer.type === 'symbol' ? layer.layout?.['text-font'] : undefined;
    if (Array.isArray(font) && typeof font[0] === 'string') return font as string[];
  }
  return undefined;
}

/** Puts on a style what it does not have, and paints what it has in the colours of now. */
export function dress(map: MapLibreMap) {
  for (const source of [FENCES, SKETCH]) {
    if (!map.getSource(source)) map.addSource(source, { type: 'geojson', data: NOTHING });
  }
  const font = fontOf(map);
  for (const layer of layers()) {
    if (map.getLayer(layer.id)) {
      for (const [name, value] of Object.entries(layer.paint ?? {})) {
        map.setPaintProperty(layer.id, name as never, value as never);
      }
    } else {
      const own = layer.type === 'symbol' && font;
      map.addLayer(
        own
          ? ({ ...layer, layout: { ...layer.layout, 'text-font': font } } as LayerSpecification)
          : layer,
      );
    }
  }
}

export const isDressed = (map: MapLibreMap): boolean => map.getSource(SKETCH) !== undefined;

export const showFences = (map: MapLibreMap, data: FeatureCollection) =>
  map.getSource<GeoJSONSource>(FENCES)?.setData(data);

export const showSketch = (map: MapLibreMap, data: FeatureCollection | null) =>
  map.getSource<GeoJSONSource>(SKETCH)?.setData(data ?? NOTHING);

export function undress(map: MapLibreMap) {
  for (const { id } of layers()) if (map.getLayer(id)) map.removeLayer(id);
  for (const source of [FENCES, SKETCH]) if (map.getSource(source)) map.removeSource(source);
}

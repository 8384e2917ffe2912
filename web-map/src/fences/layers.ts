/** Fences on the map, in the colours of the page. */
import type { FeatureCollection } from 'geojson';
import type {
  ExpressionSpecification,
  GeoJSONSource,
  LayerSpecification,
  Map as MapLibreMap,
} from 'maplibre-gl';
import { dressLayers, undressLayers } from '../map/overlay';
import { tokenOf } from '../replay/colors';
import { NOTHING, WIDTH } from './sketch-layers';

const FENCES = 'own-fences';
/** What a click on the map chooses a fence by. */
export const PICKED_LAYERS = [`${FENCES}-fill`, `${FENCES}-corridor`];

const IS_CHOSEN: ExpressionSpecification = ['boolean', ['get', 'chosen'], false];
const isArea: ExpressionSpecification = ['==', ['geometry-type'], 'Polygon'];
const isMulti: ExpressionSpecification = ['==', ['geometry-type'], 'MultiPolygon'];
const isFill: ExpressionSpecification = ['any', isArea, isMulti];
const isLine: ExpressionSpecification = ['==', ['geometry-type'], 'LineString'];

function layers(): LayerSpecification[] {
  const token = (name: string) => tokenOf(document.documentElement, name);
  const [accent, ok, surface, text] = [
    token('--om-accent'),
    token('--om-ok'),
    token('--om-surface'),
    token('--om-text'),
  ];
  const color: ExpressionSpecification = ['case', ['get', 'parking'], ok, accent];
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

const IDS = ['fill', 'corridor', 'edge', 'corridor-edge', 'name'].map(
  (part) => `${FENCES}-${part}`,
);

export function dressFences(map: MapLibreMap) {
  if (!map.getSource(FENCES)) map.addSource(FENCES, { type: 'geojson', data: NOTHING });
  dressLayers(map, layers(), (id) => id === `${FENCES}-name`);
}

export const hasFences = (map: MapLibreMap): boolean => map.getSource(FENCES) !== undefined;

export const showFences = (map: MapLibreMap, data: FeatureCollection) =>
  map.getSource<GeoJSONSource>(FENCES)?.setData(data);

export const undressFences = (map: MapLibreMap) => undressLayers(map, IDS, [FENCES]);

/** What is drawn by hand on the map, in the colours of the page. */
import type { FeatureCollection } from 'geojson';
import type {
  ExpressionSpecification,
  GeoJSONSource,
  LayerSpecification,
  Map as MapLibreMap,
} from 'maplibre-gl';
import { dressLayers, undressLayers } from '../map/overlay';
import { tokenOf } from '../replay/colors';

const SKETCH = 'own-sketch';
const IDS = ['fill', 'corridor', 'outline', 'edge', 'handle'].map((part) => `${SKETCH}-${part}`);
export const NOTHING: FeatureCollection = { type: 'FeatureCollection', features: [] };
const DEEPEST_ZOOM = 24;

/** So many metres on the ground, at every zoom. */
export const WIDTH: ExpressionSpecification = [
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

function layers(): LayerSpecification[] {
  const token = (name: string) => tokenOf(document.documentElement, name);
  const [accent, danger, surface] = [
    token('--om-accent'),
    token('--om-danger'),
    token('--om-surface'),
  ];
  const drawnColor: ExpressionSpecification = ['case', IS_WRONG, danger, accent];
  const round = { 'line-join': 'round', 'line-cap': 'round' } as const;
  return [
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
  ];
}

export function dressSketch(map: MapLibreMap) {
  if (!map.getSource(SKETCH)) map.addSource(SKETCH, { type: 'geojson', data: NOTHING });
  dressLayers(map, layers(), (id) => id === `${SKETCH}-handle`);
}

export const hasSketch = (map: MapLibreMap): boolean => map.getSource(SKETCH) !== undefined;

export const showSketch = (map: MapLibreMap, data: FeatureCollection | null) =>
  map.getSource<GeoJSONSource>(SKETCH)?.setData(data ?? NOTHING);

export const undressSketch = (map: MapLibreMap) => undressLayers(map, IDS, [SKETCH]);

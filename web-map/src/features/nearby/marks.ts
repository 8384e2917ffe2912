/** What was found, on the map: a ring about each, and from a point the way to it with its distance. */
import type { Feature, FeatureCollection } from 'geojson';
import type {
  ExpressionSpecification,
  GeoJSONSource,
  LayerSpecification,
  Map as MapLibreMap,
} from 'maplibre-gl';
import type { Position } from '../../fences/geo';
import { dressLayers, undressLayers } from '../../map/overlay';
import { tokenOf } from '../../replay/colors';

export interface Mark {
  id: number;
  at: Position;
  label: string;
}

const FOUND = 'nearby-found';
const IDS = ['way', 'ring', 'label'].map((part) => `${FOUND}-${part}`);
const NOTHING: FeatureCollection = { type: 'FeatureCollection', features: [] };

/** The nearest is drawn last, above the others. */
export function foundFeatures(
  marks: readonly Mark[],
  from: Position | null,
  hovered: number | null,
): FeatureCollection {
  const of = ({ id, label }: Mark, order: number) => ({ label, order, hovered: id === hovered });
  const ways = marks.map(
    (mark, order): Feature => ({
      type: 'Feature',
      properties: of(mark, order),
      geometry: { type: 'LineString', coordinates: [from ?? mark.at, mark.at] },
    }),
  );
  const rings = marks.map(
    (mark, order): Feature => ({
      type: 'Feature',
      properties: of(mark, order),
      geometry: { type: 'Point', coordinates: mark.at },
    }),
  );
  return { type: 'FeatureCollection', features: from ? [...ways, ...rings] : rings };
}

function layers(): LayerSpecification[] {
  const token = (name: string) => tokenOf(document.documentElement, name);
  const [accent, surface, text] = [token('--om-accent'), token('--om-surface'), token('--om-text')];
  const isHovered: ExpressionSpecification = ['get', 'hovered'];
  const order: ExpressionSpecification = ['case', isHovered, 1, ['-', 0, ['get', 'order']]];
  const isPoint: ExpressionSpecification = ['==', ['geometry-type'], 'Point'];
  return [
    {
      id: `${FOUND}-way`,
      type: 'line',
      source: FOUND,
      filter: ['==', ['geometry-type'], 'LineString'],
      layout: { 'line-cap': 'round', 'line-sort-key': order },
      paint: {
        'line-color': accent,
        'line-width': ['case', isHovered, 3.5, 1.5],
        'line-opacity': ['case', isHovered, 1, 0.6],
      },
    },
    {
      id: `${FOUND}-ring`,
      type: 'circle',
      source: FOUND,
      filter: isPoint,
      layout: { 'circle-sort-key': order },
      paint: {
        'circle-radius': ['case', isHovered, 19, 14],
        'circle-color': accent,
        'circle-opacity': ['case', isHovered, 0.35, 0.12],
        'circle-stroke-color': accent,
        'circle-stroke-width': ['case', isHovered, 3, 1.5],
        // Flat on the ground it would be an ellipse beside the upright mark.
        'circle-pitch-alignment': 'viewport',
      },
    },
    {
      id: `${FOUND}-label`,
      type: 'symbol',
      source: FOUND,
      filter: ['all', isPoint, ['!=', ['get', 'label'], '']],
      layout: {
        'text-field': ['get', 'label'],
        'text-size': 12,
        'text-anchor': 'bottom',
        'text-offset': [0, -1.3],
        'text-padding': 1,
        // Symbols are placed in this order: the first has the room.
        'symbol-sort-key': ['case', isHovered, -1, ['get', 'order']],
      },
      paint: { 'text-color': text, 'text-halo-color': surface, 'text-halo-width': 1.6 },
    },
  ];
}

export function dressFound(map: MapLibreMap) {
  if (!map.getSource(FOUND)) map.addSource(FOUND, { type: 'geojson', data: NOTHING });
  dressLayers(map, layers(), (id) => id === `${FOUND}-label`);
}

export const hasFound = (map: MapLibreMap): boolean => map.getSource(FOUND) !== undefined;

export const showFound = (map: MapLibreMap, data: FeatureCollection) =>
  map.getSource<GeoJSONSource>(FOUND)?.setData(data);

export const undressFound = (map: MapLibreMap) => undressLayers(map, IDS, [FOUND]);

/** Fences and drawings as what the map draws: fills, and lines that are so many metres wide. */
import type { Feature, FeatureCollection, Geometry } from 'geojson';
import type { Fence, Outline } from '../api/fences';
import { boundsOf, circleRing, crossesItself, distanceM, type Position } from './geo';
import { cornersOf, handlesOf, isGoodLength, type Sketch } from './sketch';

/** Of the map's tiles, at zoom 0. */
const WORLD_PX = 512;
const EQUATOR_M = 40_075_016.7;
export type Properties = Record<string, string | number | boolean>;

const feature = (geometry: Geometry, properties: Properties): Feature<Geometry, Properties> => ({
  type: 'Feature',
  geometry,
  properties,
});

export const collection = (
  features: Feature<Geometry, Properties>[],
): FeatureCollection<Geometry, Properties> => ({ type: 'FeatureCollection', features });

/** How wide so many metres are at zoom 0; with each zoom they double. */
export function widthPx(metres: number, lat: number): number {
  return (metres * WORLD_PX) / (EQUATOR_M * Math.cos((lat * Math.PI) / 180));
}

/** A circle becomes a ring; a line keeps its width, which the map draws. */
function drawn(outline: Outline, metres: number | null, properties: Properties) {
  if (outline.type === 'Point') {
    const ring = circleRing(outline.coordinates as Position, metres ?? 1);
    return feature({ type: 'Polygon', coordinates: [ring] }, properties);
  }
  if (outline.type === 'LineString') {
    const lat = outline.coordinates[0]?.[1] ?? 0;
    return feature(outline, { ...properties, width: widthPx(metres ?? 1, lat) });
  }
  return feature(outline, properties);
}

export function fenceFeatures(fences: readonly Fence[], chosen: number | null) {
  return collection(
    fences.flatMap(({ fence_id, geometry, metres, name, is_parking }) => {
      if (!geometry) return [];
      const properties = { fence: fence_id, parking: is_parking, chosen: fence_id === chosen };
      const coordinates = middleOf(geometry);
      // A fill that reaches over several tiles would have its name in each of them.
      const label = feature({ type: 'Point', coordinates }, { ...properties, name });
      return [drawn(geometry, metres, properties), label];
    }),
  );
}

/** Every corner of a geometry. */
function positionsOf({ type, coordinates }: Outline): Position[] {
  switch (type) {
    case 'Point':
      return [coordinates as Position];
    case 'LineString':
      return coordinates as Position[];
    case 'Polygon':
      return coordinates.flat() as Position[];
    case 'MultiPolygon':
      return coordinates.flat(2) as Position[];
  }
}

/** Where its name stands: on a line, or in the middle of its bounds. */
function middleOf(outline: Outline): Position {
  if (outline.type === 'LineString') {
    return outline.coordinates[Math.floor(outline.coordinates.length / 2)] as Position;
  }
  const [west, south, east, north] = boundsOf(positionsOf(outline)) ?? [0, 0, 0, 0];
  return [(west + east) / 2, (south + north) / 2];
}

/** What the map flies to. */
export function fenceBounds({ geometry, metres }: Pick<Fence, 'geometry' | 'metres'>) {
  return geometry ? boundsOf(positionsOf(geometry), metres ?? 0) : null;
}

export function allBounds(fences: readonly Fence[]) {
  const corners = fences.flatMap((fence): Position[] => {
    const box = fenceBounds(fence);
    return box
      ? [
          [box[0], box[1]],
          [box[2], box[3]],
        ]
      : [];
  });
  return boundsOf(corners);
}

export function sketchBounds({ points, metres, kept, place }: Sketch) {
  const whole = kept ?? place?.outline;
  return whole ? boundsOf(positionsOf(whole)) : boundsOf(points, metres ?? 0);
}

/** What is drawn so far, and from its last point on to the pointer; then its handles. */
export function sketchFeatures(
  sketch: Sketch,
  pointer: Position | null,
  chosen: number | null,
): FeatureCollection<Geometry, Properties> {
  const { form, points, metres, isDone, kept, place } = sketch;
  const whole = kept ?? (form === 'place' ? place?.outline : null);
  if (whole) return collection([drawn(whole, null, { part: 'shape' })]);
  const next = !isDone && pointer ? [...points, pointer] : [...points];
  const handles = handlesOf(sketch).map((point, index) =>
    feature(
      { type: 'Point', coordinates: point },
      { part: 'handle', first: index === 0 && !isDone, chosen: index === chosen },
    ),
  );
  return collection([...shapeOf(form, next, isDone ? metres : null, sketch), ...handles]);
}

function shapeOf(form: Sketch['form'], points: Position[], metres: number | null, sketch: Sketch) {
  const [first, second] = points;
  if (!first) return [];
  const wrong = form === 'area' && crossesItself(points, sketch.isDone);
  const line = (part: string, coordinates: Position[]) =>
    feature({ type: 'LineString', coordinates }, { part, wrong });
  if (form === 'point') {
    return isGoodLength(sketch.metres) ? [line('edge', circleRing(first, sketch.metres))] : [];
  }
  if (form === 'circle') {
    const radius = metres ?? (second ? distanceM(first, second) : 0);
    if (!isGoodLength(radius)) return [];
    return [
      drawn({ type: 'Point', coordinates: first }, radius, { part: 'shape', wrong: false }),
      ...(sketch.isDone || !second ? [] : [line('edge', [first, second])]),
    ];
  }
  if (points.length < 2) return [];
  if (form === 'corridor') {
    const outline: Outline = { type: 'LineString', coordinates: points };
    return [
      drawn(outline, isGoodLength(sketch.metres) ? sketch.metres : 1, { part: 'corridor' }),
      line('edge', points),
    ];
  }
  const corners = cornersOf({ form, points });
  if (corners.length < 3) return [line('edge', points)];
  return [
    feature(
      { type: 'Polygon', coordinates: [[...corners, first]] },
      { part: 'shape', wrong, open: !sketch.isDone },
    ),
    line('edge', sketch.isDone || form === 'box' ? [...corners, first] : points),
  ];
}

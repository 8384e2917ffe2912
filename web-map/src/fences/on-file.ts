/** From a drawing to what is sent of a fence, and from a fence on file to a drawing. */
import type { Fence, FencePlan } from '../api/fences';
import { isSame, type Position } from './geo';
import { blank, cornersOf, type FenceForm, type Sketch } from './sketch';

/** Of what lacks nothing. */
export function areaOf({ form, points, metres, place, kept }: Sketch): FencePlan['area'] {
  if (kept) return { drawn: { geometry: kept } };
  const copies = cornersOf({ form, points }).map(([lon, lat]): Position => [lon, lat]);
  const [first] = copies;
  switch (form) {
    case 'place':
      return { place: place?.id ?? 0 };
    case 'point':
    case 'circle':
      return {
        drawn: { geometry: { type: 'Point', coordinates: first ?? [] }, ...lengthy(metres) },
      };
    case 'corridor':
      return {
        drawn: { geometry: { type: 'LineString', coordinates: copies }, ...lengthy(metres) },
      };
    case 'box':
    case 'area':
      return {
        drawn: {
          geometry: { type: 'Polygon', coordinates: [first ? [...copies, first] : []] },
        },
      };
  }
}

const lengthy = (metres: number | null) => (metres === null ? {} : { metres });

export function formOf({
  feature_id,
  geometry,
}: Pick<Fence, 'feature_id' | 'geometry'>): FenceForm {
  if (feature_id !== null) return 'place';
  if (geometry?.type === 'Point') return 'circle';
  return geometry?.type === 'LineString' ? 'corridor' : 'area';
}

/** A fence on file, to be changed. The place of one has no name yet: it is asked for. */
export function sketchOf(fence: Fence): Sketch {
  const form = formOf(fence);
  const { geometry, metres, feature_id } = fence;
  const sketch = { ...blank(form), metres, isDone: true };
  if (feature_id !== null) {
    return { ...sketch, place: { id: feature_id, name: '', outline: geometry } };
  }
  switch (geometry?.type) {
    case 'Point':
      return { ...sketch, points: [geometry.coordinates as Position] };
    case 'LineString':
      return { ...sketch, points: geometry.coordinates as Position[] };
    case 'Polygon': {
      const [ring = [], ...holes] = geometry.coordinates as Position[][];
      return holes.length > 0 ? { ...sketch, kept: geometry } : { ...sketch, points: open(ring) };
    }
    case 'MultiPolygon':
      return { ...sketch, kept: geometry };
    default:
      return blank(form);
  }
}

/** Rings on file end where they begin. */
function open(ring: readonly Position[]): readonly Position[] {
  const [first, last] = [ring[0], ring.at(-1)];
  return first && last && ring.length > 1 && isSame(first, last) ? ring.slice(0, -1) : ring;
}

/** A fence as it is being drawn, and what can be done to it. Every step answers another sketch, or why there is none. */
import type { Fence, FencePlan, Outline } from '../api/fences';
import { crossesItself, destination, distanceM, isSame, type Position } from './geo';

export const FORMS = ['area', 'circle', 'corridor', 'place'] as const;
export type Form = (typeof FORMS)[number];

export interface Place {
  id: number;
  name: string;
  outline: Outline | null;
}

export interface Sketch {
  form: Form;
  /** The corners of an area, the middle of a corridor, the centre of a circle. */
  points: readonly Position[];
  /** The radius of a circle, the whole width of a corridor. */
  metres: number | null;
  /** Drawn to its end: from now on its points are moved, and not added to. */
  isDone: boolean;
  place: Place | null;
  /** An area of several parts or with holes: it is kept or drawn anew, not changed. */
  kept: Outline | null;
}

/** Why a step is not taken, or why a sketch is no fence yet. */
export type Refusal = 'nothing' | 'open' | 'corners' | 'ends' | 'crosses' | 'metres' | 'place';

export const MOST_METRES = 50_000;
const USUAL_WIDTH_M = 60;
/** Of degrees: about a centimetre, and as many digits as the server keeps. */
const DIGITS = 7;

export const blank = (form: Form): Sketch => ({
  form,
  points: [],
  metres: form === 'corridor' ? USUAL_WIDTH_M : null,
  isDone: false,
  place: null,
  kept: null,
});

export const isRefusal = (outcome: Sketch | Refusal): outcome is Refusal =>
  typeof outcome === 'string';

export const isGoodLength = (metres: number | null): metres is number =>
  metres !== null && metres >= 1 && metres <= MOST_METRES;

const least = (form: Form) => (form === 'area' ? 3 : 2);
const rounded = ([lon, lat]: Position): Position => [
  Number(lon.toFixed(DIGITS)),
  Number(lat.toFixed(DIGITS)),
];
/** Decimetres are finer than anybody points. */
const toDecimetres = (metres: number) => Math.round(metres * 10) / 10;

/** The next corner; of a circle the centre, then a point on its rim. */
export function pressed(sketch: Sketch, at: Position): Sketch | Refusal {
  const { form, points, isDone } = sketch;
  const point = rounded(at);
  const last = points.at(-1);
  if (isDone || form === 'place' || (last && isSame(last, point))) return sketch;
  if (form !== 'circle') {
    const next = [...points, point];
    if (form === 'area' && crossesItself(next, false)) return 'crosses';
    return { ...sketch, points: next };
  }
  const [centre] = points;
  if (!centre) {
    return { ...sketch, points: [point], isDone: isGoodLength(sketch.metres) };
  }
  const metres = toDecimetres(distanceM(centre, point));
  return isGoodLength(metres) ? { ...sketch, metres, isDone: true } : 'metres';
}

export function finished(sketch: Sketch): Sketch | Refusal {
  const { form, points } = sketch;
  if (sketch.isDone || form === 'place') return sketch;
  if (form === 'circle') return points.length === 0 ? 'nothing' : 'metres';
  if (points.length < least(form)) return form === 'area' ? 'corners' : 'ends';
  if (form === 'area' && crossesItself(points, true)) return 'crosses';
  return { ...sketch, isDone: true };
}

/** The last point goes. */
export function takenBack(sketch: Sketch): Sketch {
  if (sketch.isDone || sketch.points.length === 0) return sketch;
  return { ...sketch, points: sketch.points.slice(0, -1) };
}

/** Where it can be taken hold of: its points; of a circle the centre and a point of the rim in the east. */
export function handlesOf({ form, points, metres, isDone }: Sketch): readonly Position[] {
  const [centre] = points;
  if (form !== 'circle' || !isDone || !centre || metres === null) return points;
  return [centre, destination(centre, 90, metres)];
}

/** A handle goes elsewhere. What it comes to is judged when it is let go of: see `judged`. */
export function moved(sketch: Sketch, handle: number, to: Position): Sketch {
  const { form, points } = sketch;
  const [centre] = points;
  if (form === 'circle' && handle === 1 && centre) {
    const metres = toDecimetres(distanceM(centre, to));
    return { ...sketch, metres: Math.min(MOST_METRES, Math.max(1, metres)) };
  }
  return { ...sketch, points: points.map((point, at) => (at === handle ? rounded(to) : point)) };
}

/** A corner more, on the edge that begins at a point. */
export function inserted(sketch: Sketch, edge: number, at: Position): Sketch {
  const { form, points } = sketch;
  if (form === 'circle' || form === 'place') return sketch;
  return { ...sketch, points: points.toSpliced(edge + 1, 0, rounded(at)) };
}

export function removed(sketch: Sketch, handle: number): Sketch | Refusal {
  const { form, points } = sketch;
  if (form === 'circle' || form === 'place' || handle >= points.length) return sketch;
  if (points.length <= least(form)) return form === 'area' ? 'corners' : 'ends';
  return judged({ ...sketch, points: points.toSpliced(handle, 1) });
}

/** A circle with a centre is drawn to its end by its radius. */
export function measured(sketch: Sketch, metres: number | null): Sketch {
  const isWhole = sketch.form === 'circle' && sketch.points.length > 0 && isGoodLength(metres);
  return { ...sketch, metres, isDone: sketch.isDone || isWhole };
}

export const placed = (sketch: Sketch, place: Place | null): Sketch => ({ ...sketch, place });

/** A line that came from elsewhere. */
export const traced = (sketch: Sketch, line: readonly Position[]): Sketch => ({
  ...sketch,
  points: line.map(rounded),
  isDone: true,
});

/** After a change of what was drawn already. */
export function judged(sketch: Sketch): Sketch | Refusal {
  const { form, points, isDone } = sketch;
  return isDone && form === 'area' && crossesItself(points, true) ? 'crosses' : sketch;
}

/** Why it is no fence yet. */
export function lackOf(sketch: Sketch): Refusal | null {
  const { form, points, metres, isDone, place, kept } = sketch;
  if (kept) return null;
  if (form === 'place') return place ? null : 'place';
  if (points.length === 0) return 'nothing';
  if (form !== 'area' && (isDone || form === 'circle') && !isGoodLength(metres)) return 'metres';
  if (!isDone) {
    const last = finished(sketch);
    return isRefusal(last) ? last : 'open';
  }
  const now = judged(sketch);
  return isRefusal(now) ? now : null;
}

/** Of what lacks nothing. */
export function areaOf({ form, points, metres, place, kept }: Sketch): FencePlan['area'] {
  if (kept) return { drawn: { geometry: kept } };
  const copies = points.map(([lon, lat]): Position => [lon, lat]);
  const [first] = copies;
  switch (form) {
    case 'place':
      return { place: place?.id ?? 0 };
    case 'circle':
      return {
        drawn: { geometry: { type: 'Point', coordinates: first ?? [] }, ...lengthy(metres) },
      };
    case 'corridor':
      return {
        drawn: { geometry: { type: 'LineString', coordinates: copies }, ...lengthy(metres) },
      };
    case 'area':
      return {
        drawn: {
          geometry: { type: 'Polygon', coordinates: [first ? [...copies, first] : []] },
        },
      };
  }
}

const lengthy = (metres: number | null) => (metres === null ? {} : { metres });

export function formOf({ feature_id, geometry }: Pick<Fence, 'feature_id' | 'geometry'>): Form {
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

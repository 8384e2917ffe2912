/**
 * A fence, or a place that is asked about, as it is being drawn, and what can be done to it. Every step answers another
 * sketch, or why there is none.
 */
import type { Outline } from '../api/fences';
import { crossesItself, destination, distanceM, isSame, type Position } from './geo';

/** Those of fences. */
export const FORMS = ['area', 'circle', 'corridor', 'place'] as const;
export type FenceForm = (typeof FORMS)[number];
/** A box and a point are drawn to ask about them. */
export type Form = FenceForm | 'box' | 'point';

export interface Place {
  id: number;
  name: string;
  outline: Outline | null;
}

export interface Sketch {
  form: Form;
  /** The corners of an area, two opposite ones of a box, the middle of a corridor, the centre of a circle. */
  points: readonly Position[];
  /** The radius of a circle, or of a ring about a point; the whole width of a corridor. */
  metres: number | null;
  /** Drawn to its end: from now on its points are moved, and not added to. */
  isDone: boolean;
  place: Place | null;
  /** An area of several parts or with holes: it is kept or drawn anew, not changed. */
  kept: Outline | null;
}

/** Why a step is not taken, or why a sketch is no fence yet. */
export type Refusal =
  | 'nothing'
  | 'open'
  | 'corners'
  | 'ends'
  | 'crosses'
  | 'opposite'
  | 'metres'
  | 'place';

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

/** Points may be added to it and taken from it. */
export const isLine = (form: Form): boolean => form === 'area' || form === 'corridor';

const least = (form: Form) => (form === 'area' ? 3 : 2);
const rounded = ([lon, lat]: Position): Position => [
  Number(lon.toFixed(DIGITS)),
  Number(lat.toFixed(DIGITS)),
];
/** Decimetres are finer than anybody points. */
const toDecimetres = (metres: number) => Math.round(metres * 10) / 10;

/** The next corner; of a box the opposite one; of a circle the centre, then a point on its rim. */
export function pressed(sketch: Sketch, at: Position): Sketch | Refusal {
  const { form, points, isDone } = sketch;
  const point = rounded(at);
  const last = points.at(-1);
  if (isDone || form === 'place' || (last && isSame(last, point))) return sketch;
  if (form === 'point') return { ...sketch, points: [point], isDone: true };
  if (form === 'box') {
    const box = { ...sketch, points: [...points, point], isDone: points.length > 0 };
    return isFlat(box) ? 'opposite' : box;
  }
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
  if (!isLine(form) && points.length === 0) return 'nothing';
  if (form === 'circle') return 'metres';
  if (form === 'box') return 'opposite';
  if (points.length < least(form)) return form === 'area' ? 'corners' : 'ends';
  if (form === 'area' && crossesItself(points, true)) return 'crosses';
  return { ...sketch, isDone: true };
}

/** The last point goes. */
export function takenBack(sketch: Sketch): Sketch {
  if (sketch.isDone || sketch.points.length === 0) return sketch;
  return { ...sketch, points: sketch.points.slice(0, -1) };
}

/** The corners of a box in their order; of all else its points. */
export function cornersOf({ form, points }: Pick<Sketch, 'form' | 'points'>): readonly Position[] {
  const [a, c] = points;
  if (form !== 'box' || !a || !c) return points;
  return [a, [c[0], a[1]], c, [a[0], c[1]]];
}

const isFlat = ({ form, points: [a, c] }: Sketch): boolean =>
  form === 'box' && a !== undefined && c !== undefined && (a[0] === c[0] || a[1] === c[1]);

/** Where it can be taken hold of: its corners; of a circle the centre and a point of the rim in the east. */
export function handlesOf(sketch: Sketch): readonly Position[] {
  const { form, points, metres, isDone } = sketch;
  const [centre] = points;
  if (form !== 'circle' || !isDone || !centre || metres === null) {
    return cornersOf(sketch);
  }
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
  if (form === 'box') return { ...sketch, points: boxMoved(sketch, handle, rounded(to)) };
  return { ...sketch, points: points.map((point, at) => (at === handle ? rounded(to) : point)) };
}

/** The opposite corner stays, and every corner keeps its number. */
function boxMoved(sketch: Sketch, handle: number, to: Position): readonly Position[] {
  const opposite = cornersOf(sketch)[(handle + 2) % 4];
  if (!opposite) return sketch.points;
  switch (handle) {
    case 0:
      return [to, opposite];
    case 1:
      return [
        [opposite[0], to[1]],
        [to[0], opposite[1]],
      ];
    case 2:
      return [opposite, to];
    default:
      return [
        [to[0], opposite[1]],
        [opposite[0], to[1]],
      ];
  }
}

/** A corner more, on the edge that begins at a point. */
export function inserted(sketch: Sketch, edge: number, at: Position): Sketch {
  if (!isLine(sketch.form)) return sketch;
  return { ...sketch, points: sketch.points.toSpliced(edge + 1, 0, rounded(at)) };
}

export function removed(sketch: Sketch, handle: number): Sketch | Refusal {
  const { form, points } = sketch;
  if (!isLine(form) || handle >= points.length) return sketch;
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
  if (isDone && isFlat(sketch)) return 'opposite';
  return isDone && form === 'area' && crossesItself(points, true) ? 'crosses' : sketch;
}

/** Why it is no fence yet, or nothing that can be asked about. */
export function lackOf(sketch: Sketch): Refusal | null {
  const { form, points, metres, isDone, place, kept } = sketch;
  if (kept) return null;
  if (form === 'place') return place ? null : 'place';
  if (points.length === 0) return 'nothing';
  const hasLength = form === 'circle' || (form === 'corridor' && isDone);
  if (hasLength && !isGoodLength(metres)) return 'metres';
  if (!isDone) {
    const last = finished(sketch);
    return isRefusal(last) ? last : 'open';
  }
  const now = judged(sketch);
  return isRefusal(now) ? now : null;
}

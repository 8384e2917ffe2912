/**
 * Where vehicles are looked for, as text of an address and as a drawing. `105.1,36.2` is about a point, `105.1,36.2~5000` at
 * most so many metres from it, `105.1,36.2~~20` the nearest twenty; `circle:105.1,36.2~500` has a radius,
 * `line:105.1,36.2;105.2,36.2~200` reaches so far to both sides, `area:` has its corners and `box:` two opposite ones.
 */
import type { Position } from '../../fences/geo';
import { simplified } from '../../fences/simplify';
import { blank, type Form, isGoodLength, lackOf, type Sketch } from '../../fences/sketch';

export type AskedForm = Exclude<Form, 'place'>;

export interface Question {
  form: AskedForm;
  points: readonly Position[];
  /** The farthest from a point, the radius of a circle, so far to both sides of a line. */
  metres: number | null;
  /** Of the nearest to a point. */
  count: number;
}

export const USUAL_COUNT = 10;
export const MOST_COUNT = 100;
export const USUAL_SIDE_M = 200;
export const MOST_SIDE_M = 5_000;
/** More would not fit into an address that every server takes. */
export const MOST_POINTS = 200;
/** Of degrees: about a decimetre. */
const DIGITS = 6;
export const MOST_LON = 180;
export const MOST_LAT = 85;

const PREFIX: Record<AskedForm, string> = {
  point: '',
  area: 'area:',
  box: 'box:',
  circle: 'circle:',
  corridor: 'line:',
};
const FORMS = Object.keys(PREFIX) as AskedForm[];
const POINTS: Record<AskedForm, readonly [least: number, most: number]> = {
  point: [1, 1],
  circle: [1, 1],
  box: [2, 2],
  area: [3, MOST_POINTS],
  corridor: [2, MOST_POINTS],
};

export function encodeNear({ form, points, metres, count }: Question): string {
  const places = points.map((point) => point.map((one) => Number(one.toFixed(DIGITS))).join(','));
  const parts: (string | number)[] = [
    places.join(';'),
    form === 'area' || form === 'box' ? '' : (metres ?? ''),
    form === 'point' && count !== USUAL_COUNT ? count : '',
  ];
  while (parts.at(-1) === '') parts.pop();
  return PREFIX[form] + parts.join('~');
}

/** Anything may stand in an address: what cannot be read is no question. */
export function decodeNear(text: string | null): Question | null {
  if (!text) return null;
  const [, head = '', rest = ''] = /^([a-z]+:)?(.*)$/.exec(text) ?? [];
  const form = FORMS.find((one) => PREFIX[one] === head);
  const [places = '', metres = '', count = '', ...more] = rest.split('~');
  if (!form || more.length > 0) return null;
  const points = places.split(';').map((place) => place.split(',').map(numberIn));
  if (!points.every(isPosition)) return null;
  const question = {
    form,
    points,
    metres: metres === '' ? null : numberIn(metres),
    count: count === '' ? USUAL_COUNT : numberIn(count),
  };
  return isGood(question) ? question : null;
}

const numberIn = (text: string): number =>
  /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;

function isPosition(place: number[]): place is Position {
  const [lon = Number.NaN, lat = Number.NaN] = place;
  return place.length === 2 && Math.abs(lon) <= MOST_LON && Math.abs(lat) <= MOST_LAT;
}

function isGood(question: Question): boolean {
  const { form, points, metres, count } = question;
  const [least, most] = POINTS[form];
  if (points.length < least || points.length > most) return false;
  if (!Number.isInteger(count) || count < 1 || count > MOST_COUNT) return false;
  if (metres !== null && !isGoodLength(metres)) return false;
  const sketch = sketchOf(question);
  return lackOf(sketch) === null && faultOf(sketch) === null;
}

export function sketchOf({ form, points, metres }: Question): Sketch {
  const length = form === 'corridor' && metres !== null ? metres * 2 : metres;
  return { ...blank(form), points, metres: length, isDone: true };
}

/** Nothing of it is drawn yet. */
export function empty(form: AskedForm): Sketch {
  return { ...blank(form), metres: form === 'corridor' ? USUAL_SIDE_M * 2 : null };
}

/** Null while it is not drawn to its end, or where the server would not answer. */
export function questionOf(sketch: Sketch, count: number): Question | null {
  const { form, points, metres } = sketch;
  if (form === 'place' || lackOf(sketch) !== null || faultOf(sketch) !== null) return null;
  const length = form === 'corridor' && metres !== null ? metres / 2 : metres;
  return { form, points, metres: length, count };
}

export type Fault = 'points' | 'side';

/** What can be drawn, and cannot be asked about. */
export function faultOf({ form, points, metres }: Sketch): Fault | null {
  if (points.length > MOST_POINTS) return 'points';
  return form === 'corridor' && (metres ?? 0) > MOST_SIDE_M * 2 ? 'side' : null;
}

/** As many points of a line as can be asked about, as near to it as they can be. */
export function fewer(line: readonly Position[]): readonly Position[] {
  let kept = line;
  for (let toleranceM = 5; kept.length > MOST_POINTS; toleranceM *= 2) {
    kept = simplified(line, toleranceM);
  }
  return kept;
}

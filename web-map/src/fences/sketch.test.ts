import { expect, test } from 'vitest';
import type { Fence } from '../api/fences';
import { distanceM, type Position } from './geo';
import { areaOf, sketchOf } from './on-file';
import {
  blank,
  finished,
  handlesOf,
  inserted,
  isRefusal,
  judged,
  lackOf,
  measured,
  moved,
  placed,
  pressed,
  removed,
  type Sketch,
  takenBack,
  traced,
} from './sketch';

const CORNERS: Position[] = [
  [105, 36],
  [105.01, 36],
  [105.01, 36.01],
  [105, 36.01],
];

function must(outcome: ReturnType<typeof pressed>): Sketch {
  if (isRefusal(outcome)) throw new Error(outcome);
  return outcome;
}

const drawn = (form: 'area' | 'circle' | 'corridor', points: readonly Position[]) =>
  points.reduce((sketch, point) => must(pressed(sketch, point)), blank(form));
const square = () => must(finished(drawn('area', CORNERS)));

const fence = (over: Partial<Fence>): Fence => ({
  fence_id: 12,
  name: '停车场',
  geometry: null,
  metres: null,
  feature_id: null,
  org: { org_id: 1, name: '机关事务局' },
  asks: ['enter'],
  dwell_limit_s: null,
  limit_kmh: null,
  is_parking: false,
  vehicles: [],
  version: 1,
  changed_by: 'dispatcher',
  changed_ms: 0,
  ...over,
});

test('an area takes corners until it is finished, and one less than three is none', () => {
  expect(lackOf(blank('area'))).toBe('nothing');
  expect(finished(drawn('area', CORNERS.slice(0, 2)))).toBe('corners');
  expect(lackOf(drawn('area', CORNERS))).toBe('open');
  const area = square();
  expect(lackOf(area)).toBeNull();
  expect(must(pressed(area, [0, 0]))).toBe(area);
  expect(areaOf(area)).toEqual({
    drawn: { geometry: { type: 'Polygon', coordinates: [[...CORNERS, CORNERS[0]]] } },
  });
});

test('the second press of a double click is no corner', () => {
  const two = drawn('area', CORNERS.slice(0, 2));
  expect(must(pressed(two, CORNERS[1] as Position))).toBe(two);
});

test('edges that cross are refused: while drawing, at its end, and after a change', () => {
  const [a, b, c, d] = CORNERS as [Position, Position, Position, Position];
  expect(pressed(drawn('area', [a, c, b]), [104.99, 36.009])).toBe('crosses');
  expect(finished(drawn('area', [a, b, c, [105.02, 36.005]]))).toBe('crosses');
  const bent = moved(square(), 3, [105.02, 36.005]);
  expect(judged(bent)).toBe('crosses');
  expect(lackOf(bent)).toBe('crosses');
  expect(judged(moved(square(), 3, d))).toEqual(square());
});

test('a circle is a centre and a rim, or a centre and a number', () => {
  const [centre, rim] = CORNERS as [Position, Position];
  const circle = drawn('circle', [centre, rim]);
  expect(circle.isDone).toBe(true);
  expect(circle.metres).toBeCloseTo(distanceM(centre, rim), 1);
  const typed = measured(drawn('circle', [centre]), 500);
  expect([typed.isDone, lackOf(typed)]).toEqual([true, null]);
  expect(areaOf(typed)).toEqual({
    drawn: { geometry: { type: 'Point', coordinates: centre }, metres: 500 },
  });
  // The number may be typed before the centre is pressed.
  expect(drawn('circle', []).isDone).toBe(false);
  expect(must(pressed(measured(blank('circle'), 80), centre)).isDone).toBe(true);
  expect(lackOf(measured(typed, null))).toBe('metres');
  expect(pressed(drawn('circle', [centre]), [115, 36])).toBe('metres');
});

test('the rim of a circle is dragged to another radius, its centre takes the circle along', () => {
  const circle = measured(drawn('circle', [[105, 36]]), 500);
  const [, rim] = handlesOf(circle) as [Position, Position];
  expect(distanceM([105, 36], rim)).toBeCloseTo(500, 3);
  expect(moved(circle, 1, [105.02, 36]).metres).toBeCloseTo(1_799, 0);
  const away = moved(circle, 0, [106, 37]);
  expect([away.points[0], away.metres]).toEqual([[106, 37], 500]);
});

test('a corridor is a line and a width', () => {
  const line = drawn('corridor', CORNERS.slice(0, 2));
  expect(finished(drawn('corridor', CORNERS.slice(0, 1)))).toBe('ends');
  const corridor = must(finished(line));
  expect(areaOf(measured(corridor, 40))).toEqual({
    drawn: { geometry: { type: 'LineString', coordinates: CORNERS.slice(0, 2) }, metres: 40 },
  });
  // Lines may cross themselves: roads do.
  expect(lackOf(traced(blank('corridor'), [...CORNERS, [105.005, 35.99]]))).toBeNull();
  expect(lackOf(measured(corridor, 0.5))).toBe('metres');
});

test('a box is two opposite corners; one that is dragged keeps its number, and the opposite one stays', () => {
  const [a, , c] = CORNERS as [Position, Position, Position];
  expect(pressed(must(pressed(blank('box'), a)), [105.01, 36])).toBe('opposite');
  expect(finished(must(pressed(blank('box'), a)))).toBe('opposite');
  const box = must(pressed(must(pressed(blank('box'), a)), c));
  expect([box.isDone, lackOf(box), handlesOf(box)]).toEqual([true, null, CORNERS]);
  const to: Position = [105.1, 36.1];
  for (const handle of [0, 1, 2, 3]) {
    const after = handlesOf(moved(box, handle, to));
    expect(after[handle]).toEqual(to);
    expect(after[(handle + 2) % 4]).toEqual(CORNERS[(handle + 2) % 4]);
  }
  expect(judged(moved(box, 0, [105.01, 36.005]))).toBe('opposite');
  expect(removed(box, 0)).toBe(box);
});

test('a point is whole at once, and may have a ring about it', () => {
  const point = must(pressed({ ...blank('point'), metres: 500 }, CORNERS[0] as Position));
  expect([point.isDone, point.metres, lackOf(point)]).toEqual([true, 500, null]);
  expect(finished(blank('point'))).toBe('nothing');
});

test('corners are taken back while drawing; later one is added on an edge or removed', () => {
  expect(takenBack(drawn('area', CORNERS)).points).toEqual(CORNERS.slice(0, 3));
  expect(takenBack(square())).toEqual(square());
  const more = inserted(square(), 3, [104.999, 36.005]);
  expect(more.points).toEqual([...CORNERS, [104.999, 36.005]]);
  expect(must(removed(more, 4))).toEqual(square());
  const triangle = must(removed(square(), 0));
  expect(removed(triangle, 0)).toBe('corners');
});

test('a place is whatever its outline is', () => {
  expect(lackOf(blank('place'))).toBe('place');
  const place = placed(blank('place'), { id: 7, name: '一号楼', outline: null });
  expect([lackOf(place), areaOf(place)]).toEqual([null, { place: 7 }]);
});

test('what is on file comes back as it was drawn', () => {
  for (const area of [square(), measured(drawn('circle', [[105, 36]]), 500)]) {
    const plan = areaOf(area);
    if (!('drawn' in plan)) throw new Error('it was drawn');
    const { geometry, metres = null } = plan.drawn;
    expect(areaOf(sketchOf(fence({ geometry, metres })))).toEqual(plan);
  }
  const hole: Position[] = [
    [105.004, 36.004],
    [105.006, 36.004],
    [105.005, 36.006],
    [105.004, 36.004],
  ];
  const geometry = {
    type: 'Polygon' as const,
    coordinates: [[...CORNERS, CORNERS[0] as Position], hole],
  };
  const kept = sketchOf(fence({ geometry }));
  expect([lackOf(kept), areaOf(kept)]).toEqual([null, { drawn: { geometry } }]);
  expect(areaOf(sketchOf(fence({ feature_id: 7, geometry })))).toEqual({ place: 7 });
});

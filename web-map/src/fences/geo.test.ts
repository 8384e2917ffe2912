import { expect, test } from 'vitest';
import {
  areaM2,
  boundsOf,
  circleRing,
  crossesItself,
  distanceM,
  lengthM,
  type Position,
} from './geo';

/** About a hundred metres each way at the equator. */
const STEP = 0.0009;
const square: Position[] = [
  [0, 0],
  [STEP, 0],
  [STEP, STEP],
  [0, STEP],
];

test('distances, lengths and areas are those of the globe', () => {
  // From Beijing to Lanzhou, as the great circle on a sphere has it.
  expect(distanceM([116.4, 39.9], [103.83, 36.06])).toBeCloseTo(1_182_000, -4);
  expect(lengthM(square.slice(0, 3))).toBeCloseTo(200.15, 1);
  expect(lengthM([])).toBe(0);
  expect(areaM2(square)).toBeCloseTo(100.075 ** 2, -1);
  expect(areaM2([...square].reverse())).toBeCloseTo(areaM2(square), 6);
});

test('a circle is everywhere as far from its centre, and its area is that of a circle', () => {
  const centre: Position = [105, 36];
  const ring = circleRing(centre, 500);
  for (const point of ring) expect(distanceM(centre, point)).toBeCloseTo(500, 3);
  expect(ring.at(-1)).toEqual(ring[0]);
  expect(areaM2(ring.slice(0, -1)) / (Math.PI * 500 ** 2)).toBeCloseTo(1, 2);
});

test('bounds take in the metres about the points', () => {
  const [west, south, east, north] = boundsOf([[105, 36]], 1_000) ?? [0, 0, 0, 0];
  expect(distanceM([west, 36], [east, 36])).toBeCloseTo(2_000, -1);
  expect(distanceM([105, south], [105, north])).toBeCloseTo(2_000, -1);
  expect(boundsOf([])).toBeNull();
});

test('an area crosses itself where an edge meets another than its neighbours', () => {
  expect(crossesItself(square, true)).toBe(false);
  const [a, b, c, d] = square as [Position, Position, Position, Position];
  expect(crossesItself([a, c, b, d], true)).toBe(true);
  expect(crossesItself([a, c, b, d], false)).toBe(true);
  // Only the way back to the first point crosses.
  const hook: Position[] = [
    [0, 0],
    [2, 0],
    [2, 2],
    [1, 2],
    [1, -1],
  ];
  expect(crossesItself(hook.slice(0, 4), false)).toBe(false);
  expect(crossesItself(hook, true)).toBe(true);
});

test('an edge that runs back upon the one before, or through a corner, crosses too', () => {
  expect(
    crossesItself(
      [
        [0, 0],
        [4, 0],
        [2, 0],
        [2, 2],
      ],
      false,
    ),
  ).toBe(true);
  expect(
    crossesItself(
      [
        [0, 0],
        [4, 0],
        [4, 4],
        [2, 0],
        [0, 4],
      ],
      true,
    ),
  ).toBe(true);
  expect(
    crossesItself(
      [
        [0, 0],
        [2, 0],
        [4, 0],
        [4, 4],
      ],
      true,
    ),
  ).toBe(false);
});

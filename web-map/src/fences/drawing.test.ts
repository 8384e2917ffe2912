import { expect, test } from 'vitest';
import { lengthM, type Position } from './geo';
import { begun, did, redone, undone } from './history';
import { edgeAt, pointAt } from './hit';
import { fenceBounds, sketchFeatures, widthPx } from './shapes';
import { simplified } from './simplify';
import { blank, finished, pressed } from './sketch';
import { useSketch } from './use-sketch';

test('steps are taken back and come again, until another one is taken', () => {
  let history = did(did(begun('a'), 'b'), 'c');
  history = undone(undone(history));
  expect(history.now).toBe('a');
  expect(undone(history)).toBe(history);
  history = redone(history);
  expect([history.now, history.future]).toEqual(['b', ['c']]);
  history = did(history, 'd');
  expect(redone(history)).toBe(history);
  expect(undone(history).now).toBe('b');
});

test('the pointer takes hold of the nearest point or edge within reach', () => {
  const points = [
    { x: 0, y: 0 },
    { x: 100, y: 0 },
    { x: 100, y: 100 },
  ];
  expect(pointAt(points, { x: 93, y: 4 }, 10)).toBe(1);
  expect(pointAt(points, { x: 50, y: 0 }, 10)).toBeNull();
  expect(pointAt([...points, { x: 100, y: 100 }], { x: 100, y: 100 }, 10)).toBe(3);
  expect(edgeAt(points, false, { x: 50, y: 6 }, 10)).toBe(0);
  // Only a closed line has an edge back to its first point.
  expect(edgeAt(points, false, { x: 45, y: 55 }, 10)).toBeNull();
  expect(edgeAt(points, true, { x: 45, y: 55 }, 10)).toBe(2);
  expect(edgeAt([], true, { x: 0, y: 0 }, 10)).toBeNull();
});

test('a drawing goes back and forth, and says why a step was not taken', () => {
  const drawing = useSketch();
  drawing.begin(blank('area'));
  const press = (at: Position) => {
    const now = drawing.sketch.value;
    return now !== null && drawing.step(pressed(now, at));
  };
  for (const at of [
    [0, 0],
    [2, 2],
    [2, 0],
  ] as Position[]) {
    expect(press(at)).toBe(true);
  }
  expect(press([0, 1])).toBe(false);
  expect(drawing.refusal.value).toBe('crosses');
  drawing.erase();
  expect(drawing.refusal.value).toBeNull();
  expect(drawing.sketch.value?.points).toHaveLength(2);
  drawing.undo();
  expect(drawing.sketch.value?.points).toHaveLength(3);
  const whole = drawing.sketch.value;
  if (whole) drawing.step(finished(whole));
  const done = drawing.sketch.value;
  if (!done) throw new Error('there is a sketch');
  // What is dragged across an edge falls back to where it was.
  drawing.drag({
    ...done,
    points: [
      [0, 0],
      [2, 2],
      [2, 0],
      [0, 2],
    ],
  });
  drawing.drop();
  expect(drawing.refusal.value).toBe('crosses');
  expect(drawing.sketch.value).toEqual(done);
  drawing.again('circle');
  expect(drawing.sketch.value?.form).toBe('circle');
  drawing.undo();
  expect(drawing.sketch.value).toEqual(done);
});

test('the map draws a corridor as wide as it is, and a circle as a ring', () => {
  // At the equator a pixel of zoom 0 is the length of the equator by 512.
  expect(widthPx(40_075_016.7 / 512, 0)).toBeCloseTo(1, 6);
  expect(widthPx(100, 60) / widthPx(100, 0)).toBeCloseTo(2, 6);
  const circle = { ...blank('circle'), points: [[105, 36]] as Position[] };
  expect(sketchFeatures(circle, null, null).features.map(({ geometry }) => geometry.type)).toEqual([
    'Point',
  ]);
  expect(
    sketchFeatures(circle, [105.01, 36], null).features.map(({ geometry }) => geometry.type),
  ).toEqual(['Polygon', 'LineString', 'Point']);
  const [west, , east] = fenceBounds({
    geometry: { type: 'Point', coordinates: [0, 0] },
    metres: 1_000,
  }) ?? [0, 0, 0];
  expect(
    lengthM([
      [west, 0],
      [east, 0],
    ]),
  ).toBeCloseTo(2_000, 0);
});

test('a driven line keeps its corners and loses what lies between them', () => {
  const driven: Position[] = [
    [105, 36],
    [105.001, 36.000_01],
    [105.001, 36.000_01],
    [105.002, 36],
    [105.002, 36.001],
    [105.002, 36.002],
  ];
  expect(simplified(driven, 5)).toEqual([
    [105, 36],
    [105.002, 36],
    [105.002, 36.002],
  ]);
  expect(simplified(driven.slice(0, 1), 5)).toHaveLength(1);
});

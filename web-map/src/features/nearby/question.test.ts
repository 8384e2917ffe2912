import { expect, test } from 'vitest';
import type { Position } from '../../fences/geo';
import { blank, pressed, type Sketch } from '../../fences/sketch';
import { ringOf } from './answer';
import {
  decodeNear,
  empty,
  encodeNear,
  faultOf,
  fewer,
  MOST_POINTS,
  questionOf,
  sketchOf,
} from './question';
import { statusesIn, toggled } from './statuses';

test.each([
  ['105.1,36.2', { form: 'point', metres: null, count: 10 }],
  ['105.1,36.2~5000', { form: 'point', metres: 5000, count: 10 }],
  ['-105.1,-36.2~~20', { form: 'point', metres: null, count: 20 }],
  ['105.1,36.2~500.5~100', { form: 'point', metres: 500.5, count: 100 }],
  ['circle:105.1,36.2~500', { form: 'circle', metres: 500 }],
  ['box:105.1,36.2;105.2,36.3', { form: 'box', metres: null }],
  ['area:105.1,36.2;105.2,36.2;105.2,36.3', { form: 'area', metres: null }],
  ['line:105.1,36.2;105.2,36.2~200', { form: 'corridor', metres: 200 }],
])('%s is a question, and the way back to its address', (text, question) => {
  const read = decodeNear(text);
  expect(read).toMatchObject(question);
  if (!read) throw new Error('it is a question');
  expect(encodeNear(read)).toBe(text);
  expect(questionOf(sketchOf(read), read.count)).toEqual(read);
});

test.each([
  ['nothing', null],
  ['no numbers', 'here,there'],
  ['another planet', '400,36'],
  ['a pole', '105,86'],
  ['a point of three numbers', '105,36,8'],
  ['two points', '105,36;106,36'],
  ['no vehicles', '105,36~~0'],
  ['too many vehicles', '105,36~~101'],
  ['half a vehicle', '105,36~~1.5'],
  ['too far', '105,36~50001'],
  ['a circle without a radius', 'circle:105,36'],
  ['a flat box', 'box:105,36;106,36'],
  ['an area of two corners', 'area:105,36;106,36'],
  ['an area that crosses itself', 'area:0,0;2,2;2,0;0,2'],
  ['a line of one point', 'line:105,36~200'],
  ['a line that reaches too far', 'line:105,36;106,36~5001'],
  ['a form that does not exist', 'star:105,36'],
  ['more than there is', '105,36~1~1~1'],
])('%s is no question', (_, text) => {
  expect(decodeNear(text)).toBeNull();
});

test('a box is two opposite corners, and the server gets its ring', () => {
  const drawn = (
    [
      [105, 36],
      [106, 37],
    ] as Position[]
  ).reduce<Sketch>((sketch, point) => {
    const next = pressed(sketch, point);
    if (typeof next === 'string') throw new Error(next);
    return next;
  }, empty('box'));
  expect(drawn.isDone).toBe(true);
  const question = questionOf(drawn, 10);
  expect(question && ringOf(question)).toEqual([
    [105, 36],
    [106, 36],
    [106, 37],
    [105, 37],
    [105, 36],
  ]);
});

test('what is not drawn to its end asks nothing', () => {
  expect(questionOf(empty('point'), 10)).toBeNull();
  expect(questionOf(empty('corridor'), 10)).toBeNull();
  expect(
    questionOf(
      {
        ...blank('area'),
        points: [
          [0, 0],
          [1, 0],
          [1, 1],
        ],
      },
      10,
    ),
  ).toBeNull();
});

test('a line of too many points is told, and a driven one loses those that say least', () => {
  const line = Array.from(
    { length: 900 },
    (_, at): Position => [105 + at / 1_000, 36 + Math.sin(at / 7) / 1_000],
  );
  const long = { ...empty('corridor'), points: line, isDone: true };
  expect(faultOf(long)).toBe('points');
  expect(questionOf(long, 10)).toBeNull();
  const kept = fewer(line);
  expect(kept.length).toBeLessThanOrEqual(MOST_POINTS);
  expect([kept[0], kept.at(-1)]).toEqual([line[0], line.at(-1)]);
  expect(fewer(line.slice(0, 50))).toHaveLength(50);
});

test('a filter by status is some of them; all and none are no filter', () => {
  expect(statusesIn('idle,moving,pink')).toEqual(['moving', 'idle']);
  expect(statusesIn('moving,idle,offline')).toEqual([]);
  expect(toggled(null, 'idle')).toBe('idle');
  expect(toggled('idle', 'moving')).toBe('moving,idle');
  expect(toggled('moving,idle', 'offline')).toBeNull();
  expect(toggled('idle', 'idle')).toBeNull();
});

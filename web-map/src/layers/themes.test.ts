import { expect, test } from 'vitest';
import type { Layer } from '../api';
import { switched } from './themes';

const layer = (layer_id: string, group: string, visible: boolean) =>
  ({ layer_id, visible, group: { id: group, title: { zh: group, en: group } } }) as Layer;
const layers = [
  layer('rooms', 'space', true),
  layer('use', 'theme', false),
  layer('over', 'theme', false),
  layer('own', 'theme', true),
];

test('a theme that comes on takes the place of the others, and of nothing else', () => {
  expect(switched(layers, { over: true, rooms: false }, 'use', true)).toEqual({
    rooms: false,
    use: true,
    own: false,
  });
});

test('a theme that goes off leaves the others alone', () => {
  expect(switched(layers, { over: true }, 'use', false)).toEqual({ over: true, use: false });
});

test('an ordinary layer switches nothing but itself', () => {
  expect(switched(layers, { over: true }, 'rooms', true)).toEqual({ over: true, rooms: true });
});

import { expect, it } from 'vitest';
import { readable } from './labels';

it('the first of two labels that meet is shown', () => {
  const labels = [
    { x: 100, y: 100, width: 80 },
    { x: 150, y: 105, width: 80 },
    { x: 150, y: 140, width: 80 },
  ];
  expect(readable(labels, 400, 400, 10)).toEqual([0, 2]);
});

it('labels outside the window take no room, and there are never more than can be read', () => {
  const labels = [
    { x: -100, y: 100, width: 80 },
    { x: 100, y: 100, width: 80 },
    { x: 300, y: 100, width: 80 },
  ];
  expect(readable(labels, 400, 400, 10)).toEqual([1, 2]);
  expect(readable(labels, 400, 400, 1)).toEqual([1]);
});

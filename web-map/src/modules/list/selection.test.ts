import { expect, test } from 'vitest';
import { toggled } from './selection';

test('a row is taken in, then out, and the set before stays as it was', () => {
  const before = new Set([1]);
  const both = toggled(before, 2);
  expect([...both]).toEqual([1, 2]);
  expect([...toggled(both, 1)]).toEqual([2]);
  expect([...before]).toEqual([1]);
});

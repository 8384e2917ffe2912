import { expect, test } from 'vitest';
import { pairedRows } from './rows';

const cells = (...names: string[]) =>
  names.map((title) => ({ title, text: '', isLong: title.startsWith('long') }));
const shape = (...names: string[]) =>
  pairedRows(cells(...names)).map((row) => row.map(({ title }) => title));

test('short cells stand in pairs, a long one alone', () => {
  expect(shape('a', 'b', 'long', 'c')).toEqual([['a', 'b'], ['long'], ['c']]);
});

test('a short cell before a long one keeps its place in the order', () => {
  expect(shape('a', 'long', 'b', 'c')).toEqual([['a'], ['long'], ['b', 'c']]);
});

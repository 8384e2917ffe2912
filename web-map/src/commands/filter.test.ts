import { expect, test } from 'vitest';
import {
  decodeFilter,
  emptyFilter,
  encodeFilter,
  isFiltered,
  openCommand,
  questionOf,
} from './filter';

test('the address of what is shown at first is empty', () => {
  expect(encodeFilter(emptyFilter())).toEqual({});
  expect(decodeFilter({})).toEqual(emptyFilter());
  expect(questionOf(emptyFilter())).toEqual({});
  expect(isFiltered(emptyFilter())).toBe(false);
});

test('a filter is the same after a trip through the address', () => {
  const filter = { state: 'requested', vehicle: 4711 } as const;
  expect(encodeFilter(filter)).toEqual({ state: 'requested', vehicle: '4711' });
  expect(decodeFilter(encodeFilter(filter))).toEqual(filter);
  expect(questionOf(filter)).toEqual(filter);
  expect(isFiltered(filter)).toBe(true);
});

test('what cannot be read in an address is passed over', () => {
  expect(decodeFilter({ state: 'gone', vehicle: '-1' })).toEqual(emptyFilter());
  expect(decodeFilter({ state: ['sent'], vehicle: '9007199254740993' })).toEqual(emptyFilter());
  const opened = ['12', '012', 'x', undefined].map((command) => openCommand({ command }));
  expect(opened).toEqual([12, null, null, null]);
});

import { expect, test } from 'vitest';
import { covers, monthAfter, termsOfMonth, weeksOf } from './month';

test('a month begins in the week of its first day, on a Monday', () => {
  const weeks = weeksOf('2026-11');
  expect(weeks[0]?.[0]?.date).toBe('2026-10-26');
  expect(weeks).toHaveLength(6);
  expect(weeks.at(-1)?.at(-1)?.date).toBe('2026-12-06');
});

test('a February of four weeks is four rows', () => {
  expect(weeksOf('2027-02')).toHaveLength(4);
});

test('months go on over the end of a year', () => {
  expect(monthAfter('2026-12', 1)).toBe('2027-01');
  expect(monthAfter('2026-01', -1)).toBe('2025-12');
});

test('what spans the month is asked for, also when it began long before', () => {
  expect(termsOfMonth('2027-02', { start: 'begin', end: 'until' })).toEqual([
    { field: 'begin', op: 'le', value: '2027-02-28' },
    { field: 'until', op: 'ge', value: '2027-02-01' },
  ]);
});

test('a span covers its first and its last day; without an end it is one day', () => {
  expect(covers('2026-11-25', '2026-11-20', '2026-11-25')).toBe(true);
  expect(covers('2026-11-26', '2026-11-20', '2026-11-25')).toBe(false);
  expect(covers('2026-11-20', '2026-11-20', null)).toBe(true);
  expect(covers('2026-11-20', undefined, '2026-11-25')).toBe(false);
});

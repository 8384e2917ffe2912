import { expect, test } from 'vitest';
import { decodeFilter, encodeFilter, nextSort, plainFilter, questionOf } from './filter';

const TODAY = '2026-11-27';

test('the address of what is shown at first is empty: this month, by day', () => {
  expect(encodeFilter(plainFilter(TODAY), TODAY)).toEqual({});
  expect(decodeFilter({}, TODAY)).toEqual(plainFilter(TODAY));
  expect(questionOf(plainFilter(TODAY))).toEqual({ by: 'day', from: '2026-11-01', to: TODAY });
});

test('a filter is the same after a trip through the address', () => {
  const filter = {
    by: 'org',
    from: '2026-10-01',
    to: '2026-10-31',
    org: 5,
    vehicle: 1234,
    measure: 'consumption',
    sort: '-distance',
  } as const;
  const query = encodeFilter(filter, TODAY);
  expect(query).toEqual({
    by: 'org',
    from: '2026-10-01',
    to: '2026-10-31',
    org: '5',
    vehicle: '1234',
    show: 'consumption',
    sort: '-distance',
  });
  expect(decodeFilter(query, TODAY)).toEqual(filter);
  expect(questionOf(filter)).toEqual({
    by: 'org',
    from: '2026-10-01',
    to: '2026-10-31',
    org: 5,
    vehicle: 1234,
  });
});

test('what cannot be read in an address is passed over, a period only as a whole', () => {
  const odd = {
    by: 'hour',
    from: '2026-11-31',
    to: '2026-12-01',
    org: '-1',
    show: 'x',
    sort: '<b>',
  };
  expect(decodeFilter(odd, TODAY)).toEqual(plainFilter(TODAY));
  expect(decodeFilter({ from: '2026-10-01' }, TODAY)).toEqual(plainFilter(TODAY));
  expect(decodeFilter({ from: '2026-11-05', to: '2026-11-01' }, TODAY)).toEqual(plainFilter(TODAY));
  expect(decodeFilter({ from: '2024-01-01', to: '2026-01-01' }, TODAY)).toEqual(plainFilter(TODAY));
});

test('a heading steps through both orders and back to that of the server', () => {
  expect(nextSort(null, 'trips')).toBe('-trips');
  expect(nextSort('-trips', 'trips')).toBe('trips');
  expect(nextSort('trips', 'trips')).toBeNull();
  expect(nextSort('trips', 'days')).toBe('-days');
});

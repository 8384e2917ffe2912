import { afterEach, expect, test, vi } from 'vitest';
import {
  decodeFilter,
  emptyFilter,
  encodeFilter,
  isFiltered,
  openAlarm,
  questionOf,
} from './filter';

afterEach(() => vi.useRealTimers());

test('the address of what is shown at first is empty', () => {
  expect(encodeFilter(emptyFilter())).toEqual({});
  expect(decodeFilter({})).toEqual(emptyFilter());
  expect(questionOf(emptyFilter())).toEqual({ pending: 'true' });
  expect(isFiltered(emptyFilter())).toBe(false);
});

test('a filter is the same after a trip through the address', () => {
  const filter = {
    ...emptyFilter(),
    ...({ state: 'closed', rule: 'off_hours', level: 1, vehicle: 4711, org: 51, days: 7 } as const),
  };
  const query = encodeFilter(filter);
  expect(query).toEqual({
    state: 'closed',
    rule: 'off_hours',
    level: '1',
    vehicle: '4711',
    org: '51',
    days: '7',
  });
  expect(decodeFilter(query)).toEqual(filter);
  expect(isFiltered(filter)).toBe(true);
});

test('what cannot be read in an address is passed over', () => {
  const odd = { state: 'gone', rule: 'x;drop', level: '4', vehicle: '-1', org: 'all', days: '1e9' };
  expect(decodeFilter(odd)).toEqual(emptyFilter());
  expect(decodeFilter({ level: ['1', '2'], state: null })).toEqual(emptyFilter());
  expect([openAlarm({ alarm: '12' }), openAlarm({ alarm: 'x' }), openAlarm({})]).toEqual([
    12,
    null,
    null,
  ]);
});

test('an organisation is asked for with its number', () => {
  expect(questionOf(decodeFilter({ org: '51', state: 'all' }))).toEqual({ org: 51 });
});

test('days are those of Beijing, today among them', () => {
  // 01:30 of the 28th in Beijing, still the 27th in Greenwich.
  vi.useFakeTimers({ now: Date.parse('2026-11-27T17:30:00Z') });
  const from = (days: number) => questionOf({ ...emptyFilter(), days }).from;
  expect(from(1)).toBe('2026-11-27T16:00:00.000Z');
  expect(from(7)).toBe('2026-11-21T16:00:00.000Z');
});

test('one state, all of them, and those that nobody has closed', () => {
  const asked = (state: 'all' | 'appealed' | 'pending') =>
    questionOf({ ...emptyFilter(), state, level: 1 });
  expect(asked('all')).toEqual({ level: 1 });
  expect(asked('appealed')).toEqual({ level: 1, state: 'appealed' });
  expect(asked('pending')).toEqual({ level: 1, pending: 'true' });
});

test('a period is from the beginning of one day to the end of another', () => {
  const query = { from: '2026-11-01', to: '2026-11-30' };
  const filter = decodeFilter({ ...query, days: '7' });
  expect(filter).toEqual({ ...emptyFilter(), period: query });
  expect(encodeFilter(filter)).toEqual(query);
  expect(questionOf({ ...filter, state: 'all' })).toEqual({
    from: '2026-10-31T16:00:00.000Z',
    to: '2026-11-30T16:00:00.000Z',
  });
  expect(decodeFilter({ from: '2026-11-30', to: '2026-11-01' })).toEqual(emptyFilter());
  expect(decodeFilter({ from: '2026-11-31', to: '2026-12-01' })).toEqual(emptyFilter());
});

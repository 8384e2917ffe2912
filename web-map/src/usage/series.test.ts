import { expect, test } from 'vitest';
import { barsOf, MOST_BARS } from './series';
import { rowOf, usageOf } from './usage.fixture';

test('days without a trip are drawn as such', () => {
  const rows = [rowOf('2026-11-01'), rowOf('2026-11-03', { distance_km: 7 })];
  const usage = usageOf(rows, { by: 'day', to: '2026-11-04' });
  expect(barsOf(usage, 'distance').map(({ key, value }) => [key, value])).toEqual([
    ['2026-11-01', 500],
    ['2026-11-02', 0],
    ['2026-11-03', 7],
    ['2026-11-04', 0],
  ]);
  expect(barsOf(usage, 'consumption')[1]).toEqual({
    row: null,
    key: '2026-11-02',
    distance: 0,
    value: null,
  });
});

test('months are those that the period touches', () => {
  const usage = usageOf([rowOf('2026-12')], { by: 'month', to: '2027-01-02' });
  expect(barsOf(usage, 'trips').map(({ key, value }) => [key, value])).toEqual([
    ['2026-11', 0],
    ['2026-12', 31],
    ['2027-01', 0],
  ]);
});

test('of vehicles the largest are drawn, by what was chosen', () => {
  const rows = Array.from({ length: 30 }, (_, n) =>
    rowOf(String(n), { distance_km: 100 - n, trips: n, fuel_l: n % 2 ? 5 : null }),
  );
  const far = barsOf(usageOf(rows), 'distance');
  expect(far).toHaveLength(MOST_BARS);
  expect(far[0]?.key).toBe('0');
  expect(barsOf(usageOf(rows), 'trips')[0]?.key).toBe('29');
  expect(barsOf(usageOf(rows), 'consumption')).toHaveLength(15);
});

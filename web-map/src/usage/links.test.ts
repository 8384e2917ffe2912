import { expect, test } from 'vitest';
import { plainFilter, type UsageFilter } from './filter';
import { alarmsPath, narrower, numberPath, periodOf, rowPath } from './links';
import { rowOf } from './usage.fixture';

const TODAY = '2026-11-27';
const october: UsageFilter = {
  ...plainFilter(TODAY),
  from: '2026-10-01',
  to: '2026-10-31',
  sort: '-trips',
};
const by = (filter: Partial<UsageFilter>): UsageFilter => ({ ...october, ...filter });

test('a day leads to its vehicles, and that of one vehicle to its replay', () => {
  const row = rowOf('2026-10-09');
  expect(rowPath(row, october, TODAY)).toBe('/usage?by=vehicle&from=2026-10-09&to=2026-10-09');
  const one = by({ vehicle: 7 });
  expect(rowPath(row, one, TODAY)).toBe(
    '/replay?v=7&from=2026-10-09T00%3A00%3A00%2B08%3A00&to=2026-10-10T00%3A00%3A00%2B08%3A00',
  );
  expect(numberPath(row, one, TODAY)).toBe(rowPath(row, one, TODAY));
});

test('a vehicle leads to its last day, its numbers to all of its days', () => {
  const vehicles = by({ by: 'vehicle', org: 5 });
  expect(rowPath(rowOf('1234'), vehicles, TODAY)).toContain('v=1234&from=2026-10-31T');
  expect(rowPath(rowOf('1234'), { ...vehicles, to: '2026-12-31' }, TODAY)).toContain(
    `from=${TODAY}T`,
  );
  expect(numberPath(rowOf('1234'), vehicles, TODAY)).toBe(
    '/usage?from=2026-10-01&to=2026-10-31&org=5&vehicle=1234',
  );
});

test('a month leads to its days, as far as they were asked for', () => {
  const months = by({ by: 'month', from: '2026-10-10', to: '2026-11-20' });
  expect(periodOf(rowOf('2026-10'), months)).toEqual({ from: '2026-10-10', to: '2026-10-31' });
  expect(rowPath(rowOf('2026-10'), months, TODAY)).toBe('/usage?from=2026-10-10&to=2026-10-31');
});

test('a body leads to its vehicles, trips without an order to those who drove them', () => {
  const bodies = by({ by: 'org' });
  const body = rowOf('5', { org: { org_id: 5, name: '机关事务局' } });
  expect(numberPath(body, bodies, TODAY, '-fuel')).toBe(
    '/usage?by=vehicle&from=2026-10-01&to=2026-10-31&org=5&sort=-fuel',
  );
  expect(narrower(rowOf(null), bodies)).toBeNull();
  const drivers = by({ by: 'driver' });
  expect(narrower(rowOf(null), drivers)).toMatchObject({ by: 'vehicle', sort: '-outside' });
  expect(rowPath(rowOf('张三'), drivers, TODAY)).toBeNull();
});

test('alarms are listed by vehicle, organisation and days, and looked for among vehicles where no list is theirs', () => {
  const october31 = 'from=2026-10-01&to=2026-10-31';
  expect(alarmsPath(rowOf('7'), by({ by: 'vehicle', org: 5 }), TODAY, 1)).toBe(
    `/alarms?state=all&level=1&vehicle=7&org=5&${october31}`,
  );
  expect(alarmsPath(rowOf('2026-10-09'), october, TODAY)).toBe(
    '/alarms?state=all&from=2026-10-09&to=2026-10-09',
  );
  expect(alarmsPath(null, october, TODAY)).toBe(`/alarms?state=all&${october31}`);
  expect(alarmsPath(null, by({ org: 5 }), TODAY)).toBe(`/alarms?state=all&org=5&${october31}`);
  expect(alarmsPath(rowOf('5'), by({ by: 'org' }), TODAY)).toBe(
    `/usage?by=vehicle&${october31}&org=5&sort=-alarms`,
  );
  expect(alarmsPath(rowOf('张三'), by({ by: 'driver' }), TODAY)).toBeNull();
});

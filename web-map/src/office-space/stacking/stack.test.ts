import { expect, test } from 'vitest';
import type { FloorSpace } from '../../api/space';
import { stackOf } from './stack';

const floor = (ordinal: number, orgs: [number, string][], vacant: string, rest = '0') =>
  ({
    feature_id: ordinal,
    ordinal,
    name: `${ordinal}层`,
    area_m2: '0',
    vacant_m2: vacant,
    unregistered_m2: rest,
    orgs: orgs.map(([org_id, m2]) => ({ org_id, name: `单位${org_id}`, color: '#888', m2 })),
  }) satisfies FloorSpace;

const stack = stackOf([
  floor(
    2,
    [
      [7, '10.00'],
      [9, '40.50'],
    ],
    '49.50',
  ),
  floor(1, [[7, '100.00']], '0.00', '100'),
]);

test('the building is drawn to the scale of its widest floor', () => {
  expect(stack.bars.map(({ m2, share }) => [m2, share])).toEqual([
    [100, 0.5],
    [200, 1],
  ]);
  expect(stack).toMatchObject({ m2: 300, vacant: 49.5, unregistered: 100 });
});

test('colours come in one order on every floor, and gaps come last', () => {
  expect(stack.holders.map(({ org_id, m2 }) => [org_id, m2])).toEqual([
    [7, 110],
    [9, 40.5],
  ]);
  expect(stack.bars.map(({ segments }) => segments.map(({ key }) => key))).toEqual([
    [7, 9, 'vacant'],
    [7, 'unregistered'],
  ]);
});

test('a building without floors has no bars', () => {
  expect(stackOf([])).toEqual({ bars: [], holders: [], m2: 0, vacant: 0, unregistered: 0 });
});

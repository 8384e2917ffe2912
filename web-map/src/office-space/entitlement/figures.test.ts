import { expect, test } from 'vitest';
import type { Entitlement } from '../../api/space';
import { figuresOf } from './figures';

test('every number has the standards that it follows from', () => {
  const codes = ['office.person_area', 'office.person_area', 'office.usable_ratio'];
  const entitlement = {
    posts: 30,
    offices: '400.00',
    gross: '900.00',
    decisions: codes.map((code) => ({ code })),
  } as unknown as Entitlement;
  const found = figuresOf(entitlement).map(({ id, decisions }) => [id, decisions.length]);
  expect(found).toEqual([
    ['offices', 2],
    ['service', 0],
    ['equipment', 0],
    ['basic', 0],
    ['gross', 1],
    ['canteen', 0],
  ]);
});

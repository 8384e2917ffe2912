import { expect, test } from 'vitest';
import { endOfKey, endsOf, planAgain } from './life';
import { sealOf } from './seal.fixture';

test('only one that holds is lifted, all but a withdrawn one are withdrawn', () => {
  expect(endsOf(sealOf(1, { state: 'upcoming' }))).toEqual(['withdraw']);
  expect(endsOf(sealOf(1, { state: 'standing' }))).toEqual(['lift', 'withdraw']);
  expect(endsOf(sealOf(1, { state: 'over' }))).toEqual(['withdraw']);
  expect(endsOf(sealOf(1, { state: 'lifted' }))).toEqual(['withdraw']);
  expect(endsOf(sealOf(1, { state: 'withdrawn' }))).toEqual([]);
});

test('nothing is offered for vehicles that the reader may not command', () => {
  expect(endsOf(sealOf(1, { state: 'standing', may_end: false }))).toEqual([]);
});

test('a key does what is offered', () => {
  expect(endOfKey('l', sealOf(1, { state: 'standing' }))).toBe('lift');
  expect(endOfKey('L', sealOf(1, { state: 'upcoming' }))).toBeNull();
  expect(endOfKey('W', sealOf(1, { state: 'upcoming' }))).toBe('withdraw');
  expect(endOfKey('x', sealOf(1, { state: 'standing' }))).toBeNull();
});

test('one that had not begun comes back as it was, no other does', () => {
  const seal = sealOf(1, { vehicles: [{ feature_id: 7, name: '澜A·00007' }], vehicle_count: 1 });
  expect(planAgain(seal, 'withdraw')).toEqual({
    org_id: 5,
    vehicles: [7],
    starts_at: seal.starts_at,
    ends_at: seal.ends_at,
    spares_orders: true,
    reason: '国庆节假日封存',
  });
  expect(planAgain({ ...seal, state: 'standing' }, 'withdraw')).toBeNull();
  expect(planAgain({ ...seal, state: 'standing' }, 'lift')).toBeNull();
  // One of its vehicles is out of the reader's sight.
  expect(planAgain({ ...seal, vehicle_count: 2 }, 'withdraw')).toBeNull();
});

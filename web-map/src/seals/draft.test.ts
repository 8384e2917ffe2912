import { expect, test } from 'vitest';
import type { Holiday } from '../api/seals';
import {
  coming,
  type Draft,
  emptyDraft,
  faultsOf,
  isOver,
  periodOf,
  planOf,
  withHoliday,
} from './draft';

const national: Holiday = { name: '国庆节', from: '2026-10-01', to: '2026-10-07' };
const newYear: Holiday = { name: '元旦', from: '2027-01-01', to: '2027-01-03' };
const whole: Draft = {
  ...emptyDraft(),
  org: { id: 5, name: '公安局' },
  from: '2026-10-01T00:00',
  to: '2026-10-08T00:00',
  reason: ' 国庆节假日封存 ',
};

test('a whole draft is sent as moments, without blanks, and without vehicles when it is about all', () => {
  expect(faultsOf(whole)).toEqual({});
  const vehicles = [{ id: 7, name: '澜A·00007' }];
  expect(planOf({ ...whole, vehicles })).toEqual({
    org_id: 5,
    vehicles: [],
    starts_at: '2026-09-30T16:00:00.000Z',
    ends_at: '2026-10-07T16:00:00.000Z',
    spares_orders: true,
    reason: '国庆节假日封存',
  });
  expect(planOf({ ...whole, isSome: true, vehicles }).vehicles).toEqual([7]);
});

test('everything that is wrong is told at once, each by its field', () => {
  expect(faultsOf({ ...emptyDraft(), isSome: true })).toEqual({
    org: 'org',
    vehicles: 'vehicles',
    from: 'from',
    to: 'to',
    reason: 'reason',
  });
  const odd = { ...whole, to: whole.from, reason: '长'.repeat(201) };
  expect(faultsOf(odd)).toEqual({ to: 'backwards', reason: 'reasonMost' });
  expect(faultsOf({ ...whole, to: '2027-11-05T00:00' })).toEqual({});
  expect(faultsOf({ ...whole, to: '2027-11-05T00:01' })).toEqual({ to: 'tooLong' });
  expect(periodOf({ ...whole, to: whole.from })).toBeNull();
});

test('a holiday fills in its whole days and proposes a reason', () => {
  const draft = withHoliday(emptyDraft(), national, '国庆节假日封存');
  expect(draft).toMatchObject({
    from: '2026-10-01T00:00',
    to: '2026-10-08T00:00',
    reason: '国庆节假日封存',
  });
  expect(isOver(draft, national)).toBe(true);
  const other = withHoliday(draft, newYear, '元旦假日封存');
  expect([isOver(other, national), isOver(other, newYear)]).toEqual([false, true]);
  expect(other.reason).toBe('元旦假日封存');
});

test('a reason that somebody has written is theirs', () => {
  const own = { ...withHoliday(emptyDraft(), national, '国庆节假日封存'), reason: '上级要求' };
  expect(withHoliday(own, newYear, '元旦假日封存').reason).toBe('上级要求');
  expect(withHoliday({ ...own, reason: ' ' }, newYear, '元旦假日封存').reason).toBe('元旦假日封存');
});

test('holidays that are over are not offered, the next comes first', () => {
  expect(coming([newYear, national], '2026-10-07')).toEqual([national, newYear]);
  expect(coming([newYear, national], '2026-10-08')).toEqual([newYear]);
});

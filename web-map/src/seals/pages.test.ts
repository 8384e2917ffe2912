import { expect, test } from 'vitest';
import type { SealPage } from '../api/seals';
import { merged } from './pages';
import { sealOf } from './seal.fixture';

/** One that begins on a day of October. */
const on = (day: number, id: number, alarms = 0) =>
  sealOf(id, { starts_at: `2026-10-${String(day).padStart(2, '0')}T00:00:00Z`, alarms });
const ids = ({ items }: SealPage) => items.map(({ seal_id }) => seal_id);

test('what was scrolled to stays while the beginning is read again', () => {
  const known = { items: [on(9, 1), on(8, 5), on(8, 4), on(2, 7)], next: 'b' };
  const first = { items: [on(12, 9), on(9, 1, 3), on(8, 5)], next: 'a' };
  const now = merged(known, first);
  expect(ids(now)).toEqual([9, 1, 5, 4, 7]);
  expect(now.items[1]?.alarms).toBe(3);
  expect(now.next).toBe('b');
});

test('one that is gone from the beginning is gone', () => {
  const known = { items: [on(9, 1), on(8, 5), on(7, 4)], next: 'b' };
  expect(ids(merged(known, { items: [on(9, 1), on(7, 4)], next: 'b' }))).toEqual([1, 4]);
  expect(ids(merged(known, { items: [], next: null }))).toEqual([]);
});

test('where more came than a page holds, the list begins anew', () => {
  const known = { items: [on(3, 1), on(2, 2)], next: 'b' };
  const first = { items: [on(9, 9), on(8, 8)], next: 'a' };
  expect(merged(known, first)).toBe(first);
});

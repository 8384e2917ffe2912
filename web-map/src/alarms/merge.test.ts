import { expect, test } from 'vitest';
import type { AlarmPage } from '../api/alarms';
import { alarmOf } from './alarm.fixture';
import { merged, put } from './merge';

const page = (ids: number[], next: number | null): AlarmPage => ({
  items: ids.map((id) => alarmOf(id)),
  next,
});
const ids = ({ items }: AlarmPage) => items.map(({ alarm_id }) => alarm_id);

test('what is older than the first page stays where somebody has scrolled to it', () => {
  const now = merged(page([9, 8, 7, 6, 5], 5), page([11, 9, 8], 8));
  expect([ids(now), now.next]).toEqual([[11, 9, 8, 7, 6, 5], 5]);
});

test('a first page that holds all is all', () => {
  const now = merged(page([9, 8, 7], 7), page([9], null));
  expect([ids(now), now.next]).toEqual([[9], null]);
});

test('where more came than a page holds, the list begins again without a hole', () => {
  const now = merged(page([9, 8, 7], 7), page([20, 19, 18], 18));
  expect([ids(now), now.next]).toEqual([[20, 19, 18], 18]);
});

test('an alarm that was acted on stays in its row', () => {
  const now = put(page([9, 8, 7], null), alarmOf(8, { state: 'closed' }));
  expect(now.items.map(({ state }) => state)).toEqual(['open', 'closed', 'open']);
});

import { expect, test } from 'vitest';
import { ALARM_ACTS, ALARM_STATES } from '../api/alarms';
import { DEEDS, deedOfKey, deedsOf } from './life';

test('each state offers what follows on it, the first what is most likely', () => {
  const offered = ALARM_STATES.map((state) => deedsOf(state).map(({ act }) => act));
  expect(offered).toEqual([
    ['acknowledge', 'assign', 'close', 'appeal'],
    ['assign', 'close', 'appeal'],
    ['assign', 'close', 'appeal'],
    ['assign', 'close'],
    ['reopen'],
  ]);
});

test('every deed has a key of its own, in both cases', () => {
  expect(new Set(DEEDS.map(({ key }) => key)).size).toBe(ALARM_ACTS.length);
  expect(deedOfKey('a', 'open')?.act).toBe('acknowledge');
  expect(deedOfKey('A', 'acknowledged')).toBeNull();
  expect(deedOfKey('r', 'closed')?.act).toBe('reopen');
});

import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type EffectScope, effectScope, nextTick } from 'vue';
import { ApiProblem } from '../api';
import { type Alarm, listAlarms } from '../api/alarms';
import { PROBLEMS } from '../api/client';
import type { Session } from '../api/session';
import { useSession } from '../identity/session';
import { notifyFleetChanged } from '../live/fleet-news';
import { POLL_MS } from '../live/follow-fleet';
import { useLive } from '../live/store';
import { alarmOf, pageOf } from './alarm.fixture';
import { useAlarmWatch } from './watch';

const ring = vi.hoisted(() => vi.fn());
vi.mock('./sound', async (original) => ({ ...(await original<object>()), ring }));
vi.mock('../api/alarms', async (original) => ({ ...(await original()), listAlarms: vi.fn() }));

const TURN_MS = POLL_MS;
const severe = (id: number) => alarmOf(id, { level: 1 });
const answer = (...items: Alarm[]) => vi.mocked(listAlarms).mockResolvedValue(pageOf(items));
const told = () => useAlarmWatch().told.map(({ alarm_id }) => alarm_id);

let scope: EffectScope;

beforeEach(() => {
  vi.useFakeTimers();
  setActivePinia(createPinia());
  scope = effectScope();
});

afterEach(() => {
  scope.stop();
  vi.useRealTimers();
  vi.mocked(listAlarms).mockReset();
  ring.mockReset();
});

async function look(...permissions: Session['permissions']) {
  useSession().session = { user: { user_id: 1 }, roles: [], permissions } as unknown as Session;
  scope.run(() => useAlarmWatch().follow());
  await nextTick();
  await vi.advanceTimersByTimeAsync(0);
}

test('what waits is counted at once, and only what comes later is told', async () => {
  answer(severe(1));
  await look('read', 'track');
  expect([useAlarmWatch().count, told()]).toEqual([1, []]);
  answer(severe(2), severe(1));
  await vi.advanceTimersByTimeAsync(TURN_MS);
  expect([useAlarmWatch().count, told()]).toEqual([2, [2]]);
});

test('what the stream tells of rings within a moment, and once', async () => {
  answer(severe(1));
  await look('track');
  useLive().connection = 'live';
  await vi.advanceTimersByTimeAsync(5 * TURN_MS);
  const before = vi.mocked(listAlarms).mock.calls.length;
  answer(severe(2), severe(1));
  await vi.advanceTimersByTimeAsync(5 * TURN_MS);
  expect(told()).toEqual([]);
  notifyFleetChanged(['alarms']);
  await vi.advanceTimersByTimeAsync(0);
  expect([useAlarmWatch().count, told(), ring.mock.calls.length]).toEqual([2, [2], 1]);
  notifyFleetChanged(['alarms']);
  await vi.advanceTimersByTimeAsync(TURN_MS);
  expect([told(), ring.mock.calls.length]).toEqual([[2], 1]);
  expect(vi.mocked(listAlarms).mock.calls.length).toBe(before + 2);
});

test('the number is that of all, whether the answer holds them or not', async () => {
  const items = Array.from({ length: 100 }, (_, id) => alarmOf(id + 1)).reverse();
  vi.mocked(listAlarms).mockResolvedValue(pageOf(items, { next: 1, total: 4_321 }));
  await look('track');
  expect([useAlarmWatch().count, useAlarmWatch().isCapped]).toEqual([4_321, false]);
});

test('a lost server leaves what was heard before, and says that it is old', async () => {
  answer(severe(1));
  await look('track');
  vi.mocked(listAlarms).mockRejectedValue(new ApiProblem(PROBLEMS.unreachable));
  await vi.advanceTimersByTimeAsync(TURN_MS);
  expect([useAlarmWatch().count, useAlarmWatch().problem?.code]).toEqual([1, 'unreachable']);
  answer(severe(1));
  await vi.advanceTimersByTimeAsync(TURN_MS);
  expect([useAlarmWatch().problem, told()]).toEqual([null, []]);
});

test('nobody is asked for somebody who may not see where vehicles were', async () => {
  await look('read');
  await vi.advanceTimersByTimeAsync(TURN_MS);
  expect(listAlarms).not.toHaveBeenCalled();
});

test('alarms that other rights show are no news', async () => {
  answer(severe(1));
  await look('track');
  answer(severe(9), severe(1));
  const session = useSession();
  session.session = { ...(session.session as Session), user: { user_id: 2 } as Session['user'] };
  await nextTick();
  await vi.advanceTimersByTimeAsync(TURN_MS);
  expect([useAlarmWatch().count, told()]).toEqual([2, []]);
});

test('it rests once nobody shows it', async () => {
  answer();
  await look('track');
  scope.stop();
  await nextTick();
  await vi.advanceTimersByTimeAsync(5 * TURN_MS);
  expect(listAlarms).toHaveBeenCalledTimes(1);
});

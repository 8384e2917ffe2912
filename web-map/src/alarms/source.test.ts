import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type AlarmPage, listAlarms } from '../api/alarms';
import { notifyFleetChanged } from '../live/fleet-news';
import { APART_MS } from '../live/follow-fleet';
import { useLive } from '../live/store';
import { pageOf } from './alarm.fixture';
import { followAlarms } from './source';

vi.mock('../api/alarms', async (original) => ({ ...(await original()), listAlarms: vi.fn() }));

beforeEach(() => {
  vi.useFakeTimers();
  setActivePinia(createPinia());
  useLive().connection = 'live';
});

afterEach(() => {
  vi.useRealTimers();
  vi.mocked(listAlarms).mockReset();
});

const asked = () => vi.mocked(listAlarms).mock.calls.length;

test('what changes while an answer is on its way is asked for after it, once', async () => {
  let answer: (page: AlarmPage) => void = () => {};
  vi.mocked(listAlarms).mockImplementation(() => new Promise((resolve) => (answer = resolve)));
  const heard = vi.fn();
  const source = followAlarms(heard, () => {});
  for (let n = 0; n < 3; n += 1) {
    notifyFleetChanged(['alarms']);
    await vi.advanceTimersByTimeAsync(APART_MS);
  }
  expect([asked(), heard.mock.calls.length]).toEqual([1, 0]);
  answer(pageOf([]));
  await vi.advanceTimersByTimeAsync(0);
  expect([asked(), heard.mock.calls.length]).toEqual([2, 1]);
  answer(pageOf([]));
  await vi.advanceTimersByTimeAsync(10 * APART_MS);
  expect([asked(), heard.mock.calls.length]).toEqual([2, 2]);
  source.stop();
});

test('an answer that did not come is asked for again, also while the stream is there', async () => {
  vi.mocked(listAlarms).mockRejectedValueOnce(new Error('busy')).mockResolvedValue(pageOf([]));
  const [heard, failed] = [vi.fn(), vi.fn()];
  const source = followAlarms(heard, failed);
  await vi.advanceTimersByTimeAsync(60_000);
  expect([asked(), heard.mock.calls.length, failed.mock.calls.length]).toEqual([2, 1, 1]);
  source.stop();
});

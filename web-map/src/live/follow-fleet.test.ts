import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { nextTick } from 'vue';
import { notifyFleetChanged } from './fleet-news';
import { APART_MS, followFleet, POLL_MS } from './follow-fleet';
import { useLive } from './store';

const ask = vi.fn();
let hasFailed = false;
let stop = () => {};

beforeEach(() => {
  vi.useFakeTimers();
  setActivePinia(createPinia());
  useLive().connection = 'live';
  hasFailed = false;
  stop = followFleet('alarms', ask, () => hasFailed);
});

afterEach(() => {
  stop();
  ask.mockReset();
  vi.useRealTimers();
});

const times = () => ask.mock.calls.length;

test('the first change is asked about at once, those that follow on its heels together', async () => {
  notifyFleetChanged(['alarms']);
  expect(times()).toBe(1);
  for (let n = 0; n < 9; n += 1) {
    notifyFleetChanged(['seals', 'alarms']);
    await vi.advanceTimersByTimeAsync(APART_MS / 10);
  }
  expect(times()).toBe(1);
  await vi.advanceTimersByTimeAsync(APART_MS);
  expect(times()).toBe(2);
  await vi.advanceTimersByTimeAsync(10 * POLL_MS);
  expect(times()).toBe(2);
});

test('what is about something else is left alone', async () => {
  notifyFleetChanged(['seals']);
  await vi.advanceTimersByTimeAsync(APART_MS);
  expect(times()).toBe(0);
});

test('without a stream it asks now and then, and once when the stream is back', async () => {
  useLive().connection = 'stale';
  await vi.advanceTimersByTimeAsync(3 * POLL_MS);
  expect(times()).toBe(3);
  useLive().connection = 'live';
  await nextTick();
  await vi.advanceTimersByTimeAsync(APART_MS);
  expect(times()).toBe(4);
  await vi.advanceTimersByTimeAsync(3 * POLL_MS);
  expect(times()).toBe(4);
});

test('where the last answer did not come it asks again, stream or not', async () => {
  hasFailed = true;
  await vi.advanceTimersByTimeAsync(2 * POLL_MS);
  expect(times()).toBe(2);
  hasFailed = false;
  await vi.advanceTimersByTimeAsync(2 * POLL_MS);
  expect(times()).toBe(2);
});

test('nobody is asked after the end', async () => {
  stop();
  useLive().connection = 'offline';
  notifyFleetChanged(['alarms']);
  await vi.advanceTimersByTimeAsync(3 * POLL_MS);
  expect(times()).toBe(0);
});

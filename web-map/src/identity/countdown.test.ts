import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { effectScope } from 'vue';
import { clockText, secondsLeft, useCountdown } from './countdown';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a second that has begun is waited out', () => {
  expect(secondsLeft(30_000, 0)).toBe(30);
  expect(secondsLeft(30_000, 29_001)).toBe(1);
  expect(secondsLeft(30_000, 30_000)).toBe(0);
  expect(secondsLeft(30_000, 99_000)).toBe(0);
});

test('a wait reads like a clock', () => {
  expect([9, 60, 754, 3_600].map(clockText)).toEqual(['0:09', '1:00', '12:34', '1:00:00']);
});

test('a countdown runs to zero and stops there', () => {
  const scope = effectScope();
  const { left, start } = scope.run(() => useCountdown()) as ReturnType<typeof useCountdown>;
  expect(left.value).toBe(0);
  start(3);
  expect(left.value).toBe(3);
  vi.advanceTimersByTime(1_000);
  expect(left.value).toBe(2);
  vi.advanceTimersByTime(5_000);
  expect(left.value).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  scope.stop();
});

test('a page that slept does not wait longer than the clock', () => {
  let now = 0;
  const scope = effectScope();
  const { left, start } = scope.run(() => useCountdown(() => now)) as ReturnType<
    typeof useCountdown
  >;
  start(60);
  now = 59_500;
  vi.advanceTimersByTime(250);
  expect(left.value).toBe(1);
  scope.stop();
  expect(vi.getTimerCount()).toBe(0);
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ageParts, startClock, stopwatch } from './age';

describe('an age', () => {
  it.each([
    [-500, 'age.seconds', 0],
    [59_999, 'age.seconds', 59],
    [60_000, 'age.minutes', 1],
    [3_599_000, 'age.minutes', 59],
    [7_200_000, 'age.hours', 2],
    [172_800_000, 'age.days', 2],
  ])('of %d ms is told as %s %d', (ms, key, n) => {
    expect(ageParts(ms)).toEqual({ key, n });
  });

  it('counts on a stopwatch past the hour', () => {
    expect(stopwatch(83_000)).toBe('01:23');
    expect(stopwatch(3_599_999)).toBe('59:59');
    expect(stopwatch(7_283_000)).toBe('2:01:23');
  });
});

describe('the clock', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is one timer for all and ends with the last of them', () => {
    const first = startClock();
    const second = startClock();
    expect(vi.getTimerCount()).toBe(1);
    first.stop();
    first.stop();
    expect(vi.getTimerCount()).toBe(1);
    second.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});

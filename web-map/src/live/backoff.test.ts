import { expect, it } from 'vitest';
import { backoffMs, LONGEST_WAIT_MS, SHORTEST_WAIT_MS } from './backoff';

it('the first wait is about half a second', () => {
  expect(backoffMs(0, 0)).toBe(SHORTEST_WAIT_MS);
  expect(backoffMs(0, 0.999)).toBeLessThanOrEqual(2 * SHORTEST_WAIT_MS);
});

it('waits double and end at ten seconds, even after weeks', () => {
  expect([0, 1, 2, 3, 4, 5].map((attempt) => backoffMs(attempt, 1))).toEqual([
    1_000, 2_000, 4_000, 8_000, 10_000, 10_000,
  ]);
  expect(backoffMs(100_000, 1)).toBe(LONGEST_WAIT_MS);
});

it('browsers that lost the server together do not come back together', () => {
  expect(backoffMs(4, 0.1)).not.toBe(backoffMs(4, 0.9));
  expect(backoffMs(4, 0)).toBe(LONGEST_WAIT_MS / 2);
});

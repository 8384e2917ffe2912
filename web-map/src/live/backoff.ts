/** How long to wait before the next attempt to reach a server that is gone. */

export const SHORTEST_WAIT_MS = 500;
export const LONGEST_WAIT_MS = 10_000;

/**
 * Doubles from half a second to ten seconds and keeps trying for ever. The jitter (half of the wait) spreads
 * the browsers of a building that all lost the same server. `random` is in [0, 1).
 */
export function backoffMs(attempt: number, random: number): number {
  const ceiling = Math.min(LONGEST_WAIT_MS, SHORTEST_WAIT_MS * 2 ** Math.min(attempt + 1, 16));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}

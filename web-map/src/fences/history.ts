/** What was done, and what was taken back. */

export interface History<T> {
  past: readonly T[];
  now: T;
  /** The next to come back is the first. */
  future: readonly T[];
}

/** Nobody goes further back. */
const MOST = 200;

export const begun = <T>(now: T): History<T> => ({ past: [], now, future: [] });

export function did<T>({ past, now }: History<T>, next: T): History<T> {
  return { past: [...past, now].slice(-MOST), now: next, future: [] };
}

export function undone<T>(history: History<T>): History<T> {
  const { past, now, future } = history;
  const before = past.at(-1);
  if (before === undefined) return history;
  return { past: past.slice(0, -1), now: before, future: [now, ...future] };
}

export function redone<T>(history: History<T>): History<T> {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.now], now: next, future };
}

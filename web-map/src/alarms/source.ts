/** Where news of alarms comes from. The live stream does not tell them: they are asked for while somebody looks. */
import { type AlarmPage, listAlarms } from '../api/alarms';

const EVERY_MS = 10_000;
/** For whoever wants to know the whole number: as many an answer as the server gives, and where the counting ends. */
const COUNTED_AT_ONCE = 500;
const MOST_COUNTED = 5_000;
/** As many as a badge counts. */
export const MOST = 100;

export interface Source {
  /** Asks at once, after a deed of one's own. */
  now: () => void;
  stop: () => void;
}

/** Tells the newest alarms that nobody has closed, at once and again whenever they may have changed. */
export function followAlarms(
  hear: (page: AlarmPage) => void,
  fail: (cause: unknown) => void,
): Source {
  const stopped = new AbortController();
  let flight: AbortController | null = null;

  async function ask() {
    flight?.abort();
    const own = new AbortController();
    flight = own;
    try {
      const page = await listAlarms({ pending: 'true', limit: MOST }, own.signal);
      if (flight === own) hear(page);
    } catch (cause) {
      if (flight === own) fail(cause);
    }
    if (flight === own) flight = null;
  }

  /** An answer that is slow is waited for. */
  const turn = () => {
    if (!document.hidden && flight === null) void ask();
  };
  const timer = setInterval(turn, EVERY_MS);
  document.addEventListener('visibilitychange', turn, { signal: stopped.signal });
  void ask();
  return {
    now: () => void ask(),
    stop: () => {
      clearInterval(timer);
      stopped.abort();
      flight?.abort();
      flight = null;
    },
  };
}

/** How many alarms nobody has closed, page after page; `hasMore` where there are more than anybody would read. */
export async function countPending(): Promise<{ n: number; hasMore: boolean }> {
  let n = 0;
  let before: number | undefined;
  while (n < MOST_COUNTED) {
    const { items, next } = await listAlarms({ pending: 'true', limit: COUNTED_AT_ONCE, before });
    n += items.length;
    if (next === null) return { n, hasMore: false };
    before = next;
  }
  return { n, hasMore: true };
}

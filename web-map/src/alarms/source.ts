/** Where news of alarms comes from: the live stream says that there are some, and they are asked for. */
import { type AlarmPage, listAlarms } from '../api/alarms';
import { followFleet } from '../live/follow-fleet';

/** As many as rings and lists need; the answer counts the rest. */
const MOST = 100;

export interface Source {
  /** Asks at once, after a deed of one's own. */
  now: () => void;
  stop: () => void;
}

/** Tells the newest alarms that nobody has closed, and how many there are: at once and again whenever they may have changed. */
export function followAlarms(
  hear: (page: AlarmPage) => void,
  fail: (cause: unknown) => void,
): Source {
  let flight: AbortController | null = null;
  /** Something changed since the question that is on its way. */
  let isDue = false;
  let hasFailed = false;

  async function ask() {
    flight?.abort();
    const own = new AbortController();
    flight = own;
    isDue = false;
    try {
      const page = await listAlarms({ pending: 'true', limit: MOST }, own.signal);
      if (flight !== own) return;
      hasFailed = false;
      hear(page);
    } catch (cause) {
      if (flight !== own) return;
      hasFailed = true;
      fail(cause);
    }
    flight = null;
    if (isDue) void ask();
  }

  /** An answer that is slow is waited for. */
  function turn() {
    if (flight === null) void ask();
    else isDue = true;
  }

  const stopFollowing = followFleet('alarms', turn, () => hasFailed);
  void ask();
  return {
    now: () => void ask(),
    stop: () => {
      stopFollowing();
      flight?.abort();
      flight = null;
    },
  };
}

/**
 * Asks again when alarms or seals have changed: at once when the stream says so, when the stream is back, and when somebody
 * comes back to the page. Only while there is no stream, or while the last answer did not come, it asks now and then.
 */
import { onScopeDispose, watch } from 'vue';
import { type FleetTopic, onFleetChanged } from './fleet-news';
import { useLive } from './store';

/** Where much changes, nobody is asked more often than this. */
export const APART_MS = 2_000;
/** How often is asked without a stream. */
export const POLL_MS = 10_000;

/** `hasFailed` says whether the last answer did not come. Returns the way to stop. */
export function followFleet(
  topic: FleetTopic,
  ask: () => void,
  hasFailed: () => boolean,
): () => void {
  const live = useLive();
  const stopped = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let nextMs = 0;

  function turn() {
    timer = undefined;
    nextMs = Date.now() + APART_MS;
    ask();
  }

  /** What comes in between is answered by the turn that is due already. */
  function soon() {
    if (timer !== undefined) return;
    const waitMs = nextMs - Date.now();
    if (waitMs <= 0) turn();
    else timer = setTimeout(turn, waitMs);
  }

  const stopHearing = onFleetChanged((topics) => {
    if (topics.includes(topic)) soon();
  });
  // What changed while nobody was heard is unknown.
  const stopWatching = watch(
    () => live.connection,
    (now) => {
      if (now === 'live') soon();
    },
  );
  const poll = setInterval(() => {
    if ((live.connection !== 'live' || hasFailed()) && !document.hidden) soon();
  }, POLL_MS);
  document.addEventListener(
    'visibilitychange',
    () => {
      if (!document.hidden) soon();
    },
    { signal: stopped.signal },
  );
  return () => {
    stopHearing();
    stopWatching();
    clearInterval(poll);
    clearTimeout(timer);
    stopped.abort();
  };
}

/** For as long as the caller is on the page. */
export function useFleetNews(topic: FleetTopic, ask: () => void, hasFailed: () => boolean) {
  onScopeDispose(followFleet(topic, ask, hasFailed));
}

/** How long somebody is still locked out. */
import { computed, onScopeDispose, type Ref, ref } from 'vue';

/** Whole seconds, rounded up: the last one is waited out. */
export function secondsLeft(untilMs: number, nowMs: number): number {
  return Math.max(0, Math.ceil((untilMs - nowMs) / 1000));
}

/** `0:09`, `12:00`, and `1:00:00` from an hour on. */
export function clockText(seconds: number): string {
  const two = (part: number) => String(part).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

export interface Countdown {
  /** Zero: nothing to wait for. */
  left: Readonly<Ref<number>>;
  start: (seconds: number) => void;
}

/** Counts by the clock: a page that slept in the background does not wait longer than it has to. */
export function useCountdown(now: () => number = Date.now): Countdown {
  const untilMs = ref(0);
  const nowMs = ref(now());
  const left = computed(() => secondsLeft(untilMs.value, nowMs.value));
  let timer: ReturnType<typeof setInterval> | undefined;

  function tick() {
    nowMs.value = now();
    if (left.value === 0) clearInterval(timer);
  }

  function start(seconds: number) {
    clearInterval(timer);
    nowMs.value = now();
    untilMs.value = nowMs.value + seconds * 1000;
    timer = setInterval(tick, 250);
  }

  onScopeDispose(() => clearInterval(timer));
  return { left, start };
}

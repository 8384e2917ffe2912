/** Personal fields in clear 查看明文: the way there, how long still, and the way back. */
import { defineStore } from 'pinia';
import { computed, ref, watch } from 'vue';
import { serverNow } from '../api/server-clock';
import { maskAgain, unmask } from '../api/session';
import { secondsLeft } from './countdown';
import { useSession } from './session';

const TICK_MS = 250;
/** The server's clock is known to the second: asked sooner, it might say that time is not over yet. */
const GRACE_MS = 1_000;

export const useUnmasking = defineStore('unmasking', () => {
  const session = useSession();
  const nowMs = ref(serverNow());
  const untilMs = computed(() => {
    const until = session.session?.unmasked_until;
    return until ? Date.parse(until) : null;
  });
  const isOn = computed(() => untilMs.value !== null);
  /** Whole seconds. */
  const left = computed(() => secondsLeft(untilMs.value ?? 0, nowMs.value));
  const masked = computed(() => session.session?.masked ?? []);
  /** Not offered where it would show nothing more. */
  const mayBegin = computed(() => !isOn.value && masked.value.length > 0 && session.may('unmask'));

  function tick() {
    nowMs.value = serverNow();
    if (untilMs.value !== null && nowMs.value >= untilMs.value + GRACE_MS) {
      // A change of rights: what was shown in clear is dropped even if the server cannot be asked.
      session.setUnmasked(null);
    }
  }

  let timer: ReturnType<typeof setInterval> | undefined;
  watch(
    untilMs,
    (until) => {
      clearInterval(timer);
      nowMs.value = serverNow();
      if (until !== null) timer = setInterval(tick, TICK_MS);
    },
    { immediate: true, flush: 'sync' },
  );

  async function begin(reason: string): Promise<void> {
    session.setUnmasked((await unmask(reason)).unmasked_until);
  }

  async function end(): Promise<void> {
    await maskAgain();
    session.setUnmasked(null);
  }

  return { isOn, left, masked, mayBegin, begin, end };
});

/** The state of the live stream, written by `live/` and read by the banner, the status line and the wall. */
import { defineStore } from 'pinia';
import { computed, ref } from 'vue';

/** `idle`: nobody asked for the stream yet. `lost`: silent or refused; what is drawn is of `lastAtMs`. */
export type LinkState = 'idle' | 'connecting' | 'live' | 'lost';

export const useLink = defineStore('link', () => {
  const state = ref<LinkState>('idle');
  /** Browser clock, when the server was last heard. */
  const lastAtMs = ref<number | null>(null);
  /** Browser clock, moved on once a second while the stream is lost. */
  const nowMs = ref(Date.now());
  const ageS = computed(() =>
    lastAtMs.value === null ? null : Math.max(0, Math.round((nowMs.value - lastAtMs.value) / 1000)),
  );

  function heard(atMs = Date.now()) {
    lastAtMs.value = atMs;
    nowMs.value = atMs;
    state.value = 'live';
  }

  function tick(atMs = Date.now()) {
    nowMs.value = atMs;
  }

  return { state, lastAtMs, nowMs, ageS, heard, tick };
});

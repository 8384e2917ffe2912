/**
 * Keeps a map on the wall: a lost WebGL context is given five seconds to come back, a map that does not appear is tried
 * again for ever. `attempt` is the key under which the map is mounted.
 */
import type { Map as MapLibreMap } from 'maplibre-gl';
import { onScopeDispose, type Ref, ref } from 'vue';
import { discardMap } from '../map/map';

export const RESTORE_WITHIN_MS = 5_000;
const APPEAR_WITHIN_MS = 20_000;

export interface ContextGuard {
  attempt: Readonly<Ref<number>>;
  lost: Readonly<Ref<boolean>>;
  /** A map was mounted. */
  appeared: (map: MapLibreMap) => void;
}

export function useContextGuard(discard: () => void = discardMap): ContextGuard {
  const attempt = ref(0);
  const lost = ref(false);
  let guarded: MapLibreMap | null = null;
  let timer = setTimeout(again, APPEAR_WITHIN_MS);

  function again() {
    release();
    discard();
    attempt.value += 1;
    timer = setTimeout(again, APPEAR_WITHIN_MS);
  }

  function onLost() {
    lost.value = true;
    clearTimeout(timer);
    timer = setTimeout(again, RESTORE_WITHIN_MS);
  }

  function onRestored() {
    lost.value = false;
    clearTimeout(timer);
  }

  function release() {
    guarded?.off('webglcontextlost', onLost);
    guarded?.off('webglcontextrestored', onRestored);
    guarded = null;
  }

  function appeared(map: MapLibreMap) {
    onRestored();
    if (guarded === map) return;
    release();
    guarded = map;
    map.on('webglcontextlost', onLost);
    map.on('webglcontextrestored', onRestored);
  }

  onScopeDispose(() => {
    clearTimeout(timer);
    release();
  });

  return { attempt, lost, appeared };
}

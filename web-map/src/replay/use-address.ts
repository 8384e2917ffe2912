/** The address bar and the replay say the same. Who and which day are steps to go back from; the clock and the camera are not. */
import { onScopeDispose, type ShallowRef, watch } from 'vue';
import { onBeforeRouteLeave, useRoute, useRouter } from 'vue-router';
import type { Camera } from '../stores/view';
import { useView } from '../stores/view';
import { beijingDay } from '../ui/beijing-day';
import { decodeReplay, encodeReplay } from './replay-url';
import type { Replay } from './use-replay';

/** While it plays the address follows once a second. */
const PLAYING_MS = 1_000;
const SETTLE_MS = 150;

export function useAddress(
  replay: Replay,
  camera: ShallowRef<Camera | null>,
  onRestore: () => void,
) {
  const route = useRoute();
  const router = useRouter();
  const view = useView();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writtenMs = 0;
  let isLeaving = false;

  const current = () => encodeReplay({ ...replay.state(), camera: camera.value });
  const written = (query: Record<string, unknown>) =>
    JSON.stringify(encodeReplay(decodeReplay(query, beijingDay())));

  /** What the address said when it was last read or written. */
  let last = written(route.query);

  function write() {
    timer = undefined;
    writtenMs = performance.now();
    const now = current();
    const key = JSON.stringify(now);
    if (key === written(route.query)) return;
    last = key;
    const before = decodeReplay(route.query, beijingDay());
    const query = {
      ...now,
      ...(view.lang !== 'zh' && { lang: view.lang }),
      ...(view.theme !== 'light' && { theme: view.theme }),
    };
    const { v = '', from, to } = encodeReplay(before);
    const isStep =
      route.query.v !== undefined && ((now.v ?? '') !== v || now.from !== from || now.to !== to);
    const target = { path: route.path, query };
    void (isStep ? router.push(target) : router.replace(target));
  }

  function soon() {
    if (timer !== undefined || isLeaving) return;
    const wait = replay.playing.value ? PLAYING_MS : SETTLE_MS;
    timer = setTimeout(write, Math.max(SETTLE_MS, wait - (performance.now() - writtenMs)));
  }

  const { vehicles, window, speed, follow, selected, skip, textMs, playing } = replay;
  watch([vehicles, window, speed, follow, selected, skip, textMs, playing, camera], soon, {
    immediate: true,
  });
  watch(
    () => route.query,
    (query) => {
      // Written here, or only the language and the theme are others.
      if (isLeaving || written(query) === last) return;
      clearTimeout(timer);
      timer = undefined;
      last = written(query);
      const state = decodeReplay(query, beijingDay());
      replay.take(state);
      camera.value = state.camera;
      onRestore();
    },
  );
  // A page that is left must not call back the one that takes its place.
  onBeforeRouteLeave(() => {
    isLeaving = true;
    clearTimeout(timer);
  });
  onScopeDispose(() => clearTimeout(timer));
}

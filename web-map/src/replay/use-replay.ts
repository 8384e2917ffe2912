/** One replay: who, when, how fast, and the clock that drives it. The map and the panels only read it and ask it. */
import { computed, onScopeDispose, type Ref, ref, type ShallowRef, shallowRef, watch } from 'vue';
import { beijingDay } from '../ui/beijing-day';
import type { DaySpan } from './beijing-time';
import { MOST_VEHICLES } from './chunks';
import { Player, type Speed } from './player';
import { decodeReplay, type ReplayState } from './replay-url';
import type { Moment } from './tracks';
import { type TracksInUse, useTracks } from './use-tracks';

/** How often texts follow the clock. Marks and playhead follow every frame. */
const TEXT_MS = 200;

/** Called whenever something is to be drawn anew: `ids` and `moments` go side by side. */
export type Frame = (atMs: number, ids: readonly number[], moments: readonly Moment[]) => void;

export interface Replay extends TracksInUse {
  vehicles: Readonly<ShallowRef<number[]>>;
  window: Readonly<ShallowRef<DaySpan>>;
  /** Where playing ends: the window's end, or now. */
  endMs: Readonly<Ref<number>>;
  speed: Readonly<Ref<Speed>>;
  playing: Readonly<Ref<boolean>>;
  /** Playing, but positions are not here yet. */
  waiting: Readonly<Ref<boolean>>;
  skip: Ref<boolean>;
  selected: Ref<number | null>;
  follow: Ref<number | null>;
  /** Moves every frame. */
  atMs: Readonly<Ref<number>>;
  /** The same a few times a second, for texts. */
  textMs: Readonly<Ref<number>>;
  add: (ids: readonly number[]) => void;
  remove: (id: number) => void;
  clear: () => void;
  setWindow: (window: DaySpan) => void;
  toggle: () => void;
  pause: () => void;
  seek: (ms: number) => void;
  playFrom: (fromMs: number, untilMs: number) => void;
  setSpeed: (speed: Speed) => void;
  faster: () => void;
  slower: () => void;
  take: (state: ReplayState) => void;
  state: () => Omit<ReplayState, 'camera'>;
  onFrame: (frame: Frame) => void;
}

export function useReplay(query: Record<string, unknown>): Replay {
  const first = decodeReplay(query, beijingDay());
  const vehicles = shallowRef(first.vehicles);
  const window = shallowRef<DaySpan>(first.window);
  const selected = ref(first.selected);
  const follow = ref(first.follow);
  const skip = ref(first.skip);
  const player = new Player(first.window, first.atMs ?? first.window.fromMs);
  player.speed = first.speed;
  const atMs = ref(player.atMs);
  const textMs = ref(player.atMs);
  const playing = ref(false);
  const waiting = ref(false);
  const speed = ref<Speed>(player.speed);
  const frames = new Set<Frame>();
  /** An address without a moment begins where something moves. */
  let mustBegin = first.atMs === null;

  const wanted = computed(() => ({ ids: vehicles.value, window: window.value }));
  const loader = useTracks(
    () => wanted.value,
    () => player.atMs,
  );
  const endMs = computed(() => {
    const { fromMs, toMs } = window.value;
    return Math.max(fromMs, Math.min(toMs, loader.heardUntilMs.value));
  });
  watch(endMs, rebound, { immediate: true });
  watch(window, rebound);

  function rebound() {
    player.rebound({ fromMs: window.value.fromMs, toMs: endMs.value });
    told();
  }

  watch([loader.revision, loader.tracks], () => {
    const tracks = loader.tracks.value;
    if (tracks && mustBegin && tracks.window === window.value) {
      mustBegin = false;
      const busyMs = tracks.firstBusyMs();
      if (busyMs !== null) player.seek(busyMs);
    }
    told();
  });

  /** The page and the clock say the same. */
  function told() {
    atMs.value = player.atMs;
    textMs.value = player.atMs;
    speed.value = player.speed;
    playing.value = player.playing;
    show();
  }

  function show() {
    const tracks = loader.tracks.value;
    const ids = tracks?.ids ?? [];
    const moments = tracks ? ids.map((id) => tracks.at(id, player.atMs)) : [];
    for (const frame of frames) frame(player.atMs, ids, moments);
  }

  let request = requestAnimationFrame(step);
  let beforeMs = performance.now();
  let texted = 0;
  function step(nowMs: number) {
    request = requestAnimationFrame(step);
    const realMs = nowMs - beforeMs;
    beforeMs = nowMs;
    if (!player.playing) return;
    const tracks = loader.tracks.value;
    const isKnown = (ms: number) =>
      (tracks?.window === window.value && tracks.isKnown(ms)) ?? false;
    const resume = (ms: number) => (skip.value ? (tracks?.nextBusyMs(ms) ?? null) : null);
    player.advance(realMs, isKnown, resume);
    waiting.value = player.playing && !isKnown(player.atMs);
    atMs.value = player.atMs;
    playing.value = player.playing;
    if (nowMs - texted > TEXT_MS || !player.playing) {
      texted = nowMs;
      textMs.value = player.atMs;
    }
    show();
  }
  onScopeDispose(() => cancelAnimationFrame(request));

  function setVehicles(ids: readonly number[]) {
    vehicles.value = [...new Set(ids)].slice(0, MOST_VEHICLES);
    const has = (id: number | null) => id !== null && vehicles.value.includes(id);
    if (!has(selected.value)) selected.value = vehicles.value[0] ?? null;
    if (!has(follow.value)) follow.value = null;
  }

  const act =
    <A extends unknown[]>(deed: (...args: A) => void) =>
    (...args: A) => {
      deed(...args);
      told();
    };

  return {
    ...loader,
    vehicles,
    window,
    endMs,
    speed,
    playing,
    waiting,
    skip,
    selected,
    follow,
    atMs,
    textMs,
    add(ids) {
      // Nothing was looked at yet: the first vehicle says where to begin.
      if (vehicles.value.length === 0) mustBegin = player.atMs === window.value.fromMs;
      setVehicles([...vehicles.value, ...ids]);
    },
    remove: (id) => setVehicles(vehicles.value.filter((one) => one !== id)),
    clear: () => setVehicles([]),
    setWindow(next) {
      player.pause();
      mustBegin = true;
      window.value = next;
      player.rebound({ fromMs: next.fromMs, toMs: endMs.value });
      player.seek(next.fromMs);
      told();
    },
    toggle: act(() => player.toggle()),
    pause: act(() => player.pause()),
    seek: act((ms: number) => {
      mustBegin = false;
      player.seek(ms);
    }),
    playFrom: act((fromMs: number, untilMs: number) => {
      mustBegin = false;
      player.seek(fromMs);
      player.play(untilMs);
    }),
    setSpeed: act((next: Speed) => {
      player.speed = next;
    }),
    faster: act(() => player.faster()),
    slower: act(() => player.slower()),
    take(state) {
      player.pause();
      vehicles.value = state.vehicles;
      window.value = state.window;
      selected.value = state.selected;
      follow.value = state.follow;
      skip.value = state.skip;
      mustBegin = state.atMs === null;
      player.speed = state.speed;
      player.rebound({ fromMs: state.window.fromMs, toMs: endMs.value });
      player.seek(state.atMs ?? state.window.fromMs);
      told();
    },
    state: () => ({
      vehicles: vehicles.value,
      window: window.value,
      atMs: mustBegin && player.atMs === window.value.fromMs ? null : player.atMs,
      speed: speed.value,
      follow: follow.value,
      selected: selected.value,
      skip: skip.value,
    }),
    onFrame(frame) {
      frames.add(frame);
      onScopeDispose(() => frames.delete(frame));
      show();
    },
  };
}

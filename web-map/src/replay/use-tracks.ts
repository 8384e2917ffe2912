/** Fetches the window of some vehicles chunk by chunk, what is under the playhead first. */
import { onScopeDispose, type Ref, ref, type ShallowRef, shallowRef, watch } from 'vue';
import { type ApiProblem, asProblem, isAbort } from '../api';
import { serverNow } from '../api/server-clock';
import { fetchTracks } from '../api/tracks';
import { onRenewal } from '../identity/renewal';
import { chunkAt, nextChunk, type Span } from './chunks';
import { type Answer, decodeTracks } from './decode';
import { pacer } from './pacer';
import { Tracks } from './tracks';

/** After the first chunk, so many are fetched at once. */
const FLIGHTS = 2;

export interface TracksInUse {
  /** The last that has anything to show; null before the first. */
  tracks: Readonly<ShallowRef<Tracks | null>>;
  /** Moves on with every chunk. */
  revision: Readonly<Ref<number>>;
  loading: Readonly<Ref<boolean>>;
  problem: Readonly<ShallowRef<ApiProblem | null>>;
  retry: () => void;
  /** Asks again for what has happened since. */
  refresh: () => void;
  /** Days (UTC) of the window that went to the archive. */
  archivedDays: Readonly<ShallowRef<readonly string[]>>;
  /** Until when there can be positions. */
  heardUntilMs: Readonly<Ref<number>>;
}

export function useTracks(
  wanted: () => { ids: readonly number[]; window: Span },
  atMs: () => number,
): TracksInUse {
  const tracks = shallowRef<Tracks | null>(null);
  const revision = ref(0);
  const loading = ref(false);
  const problem = shallowRef<ApiProblem | null>(null);
  const archivedDays = shallowRef<readonly string[]>([]);
  const heardUntilMs = ref(serverNow());
  let flight: AbortController | null = null;
  let current: Tracks | null = null;

  function begin() {
    const { ids, window } = wanted();
    current = ids.length > 0 ? new Tracks(window, ids) : null;
    if (current === null) tracks.value = null;
    archivedDays.value = [];
    heardUntilMs.value = serverNow();
    start(() => true);
  }

  /** Fetches what is not here, and of what is here that which `isStale`. */
  function start(isStale: (chunk: number) => boolean) {
    flight?.abort();
    flight = null;
    problem.value = null;
    loading.value = current !== null;
    if (current === null) return;
    const own = new AbortController();
    flight = own;
    void fetchAll(current, isStale, own);
  }

  async function fetchAll(into: Tracks, isStale: (chunk: number) => boolean, own: AbortController) {
    const pause = pacer();
    const taken = new Set<number>();
    const isWanted = (chunk: number) =>
      !taken.has(chunk) && (isStale(chunk) || !into.isLoaded(chunk));
    const next = () => {
      const chunk = nextChunk(chunkAt(into.chunks, atMs()), isWanted, into.chunks.length);
      if (chunk !== null) taken.add(chunk);
      return chunk;
    };
    const one = async (chunk: number) => {
      const { answer, archived } = await answerFor(into, chunk, own.signal);
      const isWanted = () => !own.signal.aborted;
      if (isWanted() && archived.length > 0) {
        archivedDays.value = [...new Set([...archivedDays.value, ...archived])].sort();
      }
      if (!isWanted() || !(await into.putSlowly(chunk, answer, pause, isWanted))) return;
      tracks.value = into;
      revision.value += 1;
    };
    const lane = async () => {
      for (let chunk = next(); chunk !== null; chunk = next()) {
        await one(chunk);
        if (own.signal.aborted) return;
      }
    };
    try {
      const first = next();
      if (first !== null) await one(first);
      await Promise.all(Array.from({ length: FLIGHTS }, lane));
    } catch (cause) {
      if (own.signal.aborted || isAbort(cause)) return;
      own.abort();
      problem.value = asProblem(cause);
    }
    if (flight === own) loading.value = false;
  }

  watch(wanted, begin, { immediate: true });
  const stopRenewal = onRenewal(begin);
  onScopeDispose(() => {
    stopRenewal();
    flight?.abort();
  });

  function refresh() {
    const sinceMs = heardUntilMs.value;
    heardUntilMs.value = serverNow();
    start((chunk) => (current?.chunks[chunk]?.toMs ?? 0) > sinceMs);
  }

  return {
    tracks,
    revision,
    loading,
    problem,
    refresh,
    archivedDays,
    heardUntilMs,
    retry: () => start(() => false),
  };
}

interface Told {
  answer: Answer;
  archived: readonly string[];
}

async function answerFor(tracks: Tracks, chunk: number, signal: AbortSignal): Promise<Told> {
  const { fromMs, toMs } = tracks.chunks[chunk] as Span;
  // Nobody was anywhere in the future.
  if (fromMs > serverNow()) return { answer: nothing(tracks.ids, fromMs), archived: [] };
  const { bytes, archivedDays } = await fetchTracks(tracks.ids, fromMs, toMs, signal);
  return { answer: decodeTracks(bytes), archived: archivedDays };
}

function nothing(ids: readonly number[], baseMs: number): Answer {
  const empty = {
    ms: new Uint32Array(0),
    lon: new Int32Array(0),
    lat: new Int32Array(0),
    speed: new Uint16Array(0),
    heading: new Uint16Array(0),
  };
  return { baseMs, slices: new Map(ids.map((id) => [id, empty])) };
}

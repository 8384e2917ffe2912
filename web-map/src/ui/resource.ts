/** One thing fetched from the server, in the four states every panel has: loading, ready, failed, and ready but stale. */
import { onScopeDispose, type ShallowRef, shallowRef, watch } from 'vue';
import { type ApiProblem, asProblem, isAbort } from '../api';
import { onRenewal } from '../identity/renewal';

export interface Resource<T> {
  data: Readonly<ShallowRef<T | null>>;
  loading: Readonly<ShallowRef<boolean>>;
  /** Set together with `data` when a refresh failed: then the data are stale. */
  problem: Readonly<ShallowRef<ApiProblem | null>>;
  reload: () => Promise<void>;
}

/** Fetches whenever `key` changes; a null key means nothing is wanted. A later answer always wins over an earlier one. */
export function useResource<K, T>(
  key: () => K | null,
  fetcher: (key: K, signal: AbortSignal) => Promise<T>,
): Resource<T> {
  const data = shallowRef<T | null>(null);
  const loading = shallowRef(false);
  const problem = shallowRef<ApiProblem | null>(null);
  let flight: AbortController | null = null;

  async function load(wanted: K | null) {
    flight?.abort();
    flight = null;
    if (wanted === null) {
      loading.value = false;
      return;
    }
    const own = new AbortController();
    flight = own;
    loading.value = true;
    try {
      const answer = await fetcher(wanted, own.signal);
      if (flight !== own) return;
      data.value = answer;
      problem.value = null;
    } catch (cause) {
      if (flight !== own || isAbort(cause)) return;
      problem.value = asProblem(cause);
    }
    loading.value = false;
  }

  function begin(wanted: K | null) {
    data.value = null;
    problem.value = null;
    void load(wanted);
  }

  watch(key, begin, { immediate: true });
  // What other rights have shown is not for these to keep.
  const stopRenewal = onRenewal(() => begin(key()));
  onScopeDispose(() => {
    stopRenewal();
    flight?.abort();
  });
  return { data, loading, problem, reload: () => load(key()) };
}

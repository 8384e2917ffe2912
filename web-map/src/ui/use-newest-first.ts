/** What a question finds, the newest first and page after page, and its beginning again while somebody looks. */
import { computed, shallowRef, watch } from 'vue';
import { type ApiProblem, asProblem } from '../api';
import { every } from '../live/every';
import { merged, type Page, put } from './newest-first';
import { useResource } from './resource';
import { useSteady } from './use-steady';

const PAGE = 100;
const EVERY_MS = 10_000;

interface Source<Q, T> {
  question: () => Q;
  list: (query: Q & { before?: number; limit: number }, signal?: AbortSignal) => Promise<Page<T>>;
  idOf: (item: T) => number;
  /** Calls `again` whenever the beginning may have changed, and where the last answer did not come. Default: every ten seconds. */
  follow?: (again: () => void, hasFailed: () => boolean) => void;
}

export function useNewestFirst<Q extends object, T>({
  question,
  list,
  idOf,
  follow = (again) => every(EVERY_MS, again),
}: Source<Q, T>) {
  const key = computed(() => JSON.stringify(question()));
  const ask = (text: string, more: { before?: number }) => ({
    ...(JSON.parse(text) as Q),
    ...more,
    limit: PAGE,
  });
  const first = useResource(
    () => key.value,
    async (text, signal) => ({ text, page: await list(ask(text, {}), signal) }),
  );
  const answer = useSteady(first);
  const page = shallowRef<Page<T> | null>(null);
  const fetching = shallowRef(false);
  const laterProblem = shallowRef<ApiProblem | null>(null);
  /** The question that the page answers. */
  let answered: string | null = null;

  watch(answer, (now) => {
    const isSame = now !== null && now.text === answered;
    page.value = isSame && page.value ? merged(page.value, now.page, idOf) : (now?.page ?? null);
    if (isSame) return;
    answered = now?.text ?? null;
    fetching.value = false;
    laterProblem.value = null;
  });

  let isDue = false;
  /** An answer that is slow is waited for. */
  function again() {
    if (document.hidden) return;
    isDue = first.loading.value;
    if (!isDue) void first.reload();
  }
  watch(first.loading, (loading) => {
    if (!loading && isDue) again();
  });
  follow(again, () => first.problem.value !== null);

  async function more() {
    const before = page.value?.next ?? null;
    const text = answered;
    if (before === null || text === null || text !== key.value || fetching.value) return;
    fetching.value = true;
    laterProblem.value = null;
    try {
      const later = await list(ask(text, { before }));
      if (text !== answered || page.value?.next !== before) return;
      page.value = { items: [...page.value.items, ...later.items], next: later.next };
    } catch (cause) {
      if (text === answered) laterProblem.value = asProblem(cause);
    } finally {
      if (text === answered) fetching.value = false;
    }
  }

  return {
    items: computed(() => page.value?.items ?? null),
    /** How many there are by the last answer; null where it does not say. */
    total: computed(() => answer.value?.page.total ?? null),
    /** There are more than `total`. */
    isCapped: computed(() => answer.value?.page.is_total_capped ?? false),
    hasMore: computed(() => page.value !== null && page.value.next !== null),
    /** Whether the first page tells of it, which is asked for again and again. */
    isFollowed: (id: number) => answer.value?.page.items.some((item) => idOf(item) === id) ?? false,
    loading: first.loading,
    problem: first.problem,
    reload: first.reload,
    /** Asks between the turns, for what moves faster. */
    again,
    fetching,
    laterProblem,
    more,
    put: (item: T) => {
      if (page.value) page.value = put(page.value, item, idOf);
    },
  };
}

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
}

export function useNewestFirst<Q extends object, T>({ question, list, idOf }: Source<Q, T>) {
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

  function again() {
    if (!document.hidden && !first.loading.value) void first.reload();
  }
  every(EVERY_MS, again);

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

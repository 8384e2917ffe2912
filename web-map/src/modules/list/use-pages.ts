/** A list as far as it has been scrolled: page after page by the cursor of the server. */
import { computed, shallowRef, watch } from 'vue';
import { type ApiProblem, asProblem } from '../../api';
import { type Document, type DocumentQuery, listDocuments } from '../../api/documents';
import { useResource } from '../../ui/resource';
import { useSteady } from '../../ui/use-steady';

const PAGE = 100;

export function usePages(question: () => DocumentQuery | null) {
  // Compared as text: the same question in another object is not a new one.
  const key = computed(() => {
    const query = question();
    return query === null ? null : JSON.stringify(query);
  });
  const ask = (text: string): DocumentQuery => ({
    ...(JSON.parse(text) as DocumentQuery),
    limit: PAGE,
  });
  const first = useResource(
    () => key.value,
    (text, signal) => listDocuments(ask(text), signal),
  );
  const page = useSteady(first);
  const later = shallowRef<Document[]>([]);
  const next = shallowRef<string | null>(null);
  const fetching = shallowRef(false);
  const laterProblem = shallowRef<ApiProblem | null>(null);
  /** Moves on with every new first page: an answer to an old one is not appended to it. */
  let asked = 0;

  watch(page, (now) => {
    asked += 1;
    later.value = [];
    next.value = now?.next ?? null;
    fetching.value = false;
    laterProblem.value = null;
  });

  async function more() {
    const after = next.value;
    if (after === null || key.value === null || fetching.value || first.loading.value) return;
    const own = asked;
    fetching.value = true;
    laterProblem.value = null;
    try {
      const answer = await listDocuments({ ...ask(key.value), after });
      if (own !== asked) return;
      later.value = [...later.value, ...answer.items];
      next.value = answer.next ?? null;
    } catch (cause) {
      if (own === asked) laterProblem.value = asProblem(cause);
    }
    if (own === asked) fetching.value = false;
  }

  return {
    items: computed(() => (page.value ? [...page.value.items, ...later.value] : null)),
    total: computed(() => page.value?.total ?? 0),
    hasMore: computed(() => next.value !== null),
    loading: first.loading,
    problem: first.problem,
    reload: first.reload,
    fetching,
    laterProblem,
    more,
  };
}

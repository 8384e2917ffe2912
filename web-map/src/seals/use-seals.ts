/** The seals that a choice lists, page after page, and their beginning again while somebody looks. */
import { computed, shallowRef, watch } from 'vue';
import { type ApiProblem, asProblem } from '../api';
import { listSeals, type SealPage } from '../api/seals';
import { every } from '../live/every';
import { useResource } from '../ui/resource';
import { useSteady } from '../ui/use-steady';
import type { ListChoice } from './filter';
import { merged } from './pages';

const PAGE = 100;
const EVERY_MS = 20_000;

export function useSeals(choice: () => ListChoice) {
  const ask = (asked: ListChoice, cursor?: string) => ({
    ...(asked === 'all' ? {} : { state: asked }),
    ...(cursor === undefined ? {} : { cursor }),
    limit: PAGE,
  });
  const first = useResource(choice, async (asked, signal) => ({
    asked,
    page: await listSeals(ask(asked), signal),
  }));
  const answer = useSteady(first);
  const page = shallowRef<SealPage | null>(null);
  const fetching = shallowRef(false);
  const laterProblem = shallowRef<ApiProblem | null>(null);
  /** The choice that the page answers. */
  let answered: ListChoice | null = null;

  watch(answer, (now) => {
    const isSame = now !== null && now.asked === answered;
    page.value = isSame && page.value ? merged(page.value, now.page) : (now?.page ?? null);
    if (isSame) return;
    answered = now?.asked ?? null;
    fetching.value = false;
    laterProblem.value = null;
  });

  every(EVERY_MS, () => {
    if (!document.hidden && !first.loading.value) void first.reload();
  });

  async function more() {
    const cursor = page.value?.next ?? null;
    const asked = answered;
    if (cursor === null || asked === null || asked !== choice() || fetching.value) return;
    fetching.value = true;
    laterProblem.value = null;
    try {
      const later = await listSeals(ask(asked, cursor));
      if (asked !== answered || page.value?.next !== cursor) return;
      page.value = { items: [...page.value.items, ...later.items], next: later.next };
    } catch (cause) {
      if (asked === answered) laterProblem.value = asProblem(cause);
    } finally {
      if (asked === answered) fetching.value = false;
    }
  }

  return {
    items: computed(() => page.value?.items ?? null),
    hasMore: computed(() => page.value !== null && page.value.next !== null),
    loading: first.loading,
    problem: first.problem,
    reload: first.reload,
    fetching,
    laterProblem,
    more,
  };
}

/** The alarms that a filter finds, page after page, and their beginning again while somebody looks. */
import { computed, shallowRef, watch } from 'vue';
import { type ApiProblem, asProblem } from '../api';
import { type Alarm, type AlarmPage, type AlarmQuery, listAlarms } from '../api/alarms';
import { every } from '../live/every';
import { useResource } from '../ui/resource';
import { useSteady } from '../ui/use-steady';
import { merged, put } from './merge';

const PAGE = 100;
const EVERY_MS = 10_000;

export function useAlarms(question: () => AlarmQuery) {
  const key = computed(() => JSON.stringify(question()));
  const ask = (text: string, more: AlarmQuery) => ({
    ...(JSON.parse(text) as AlarmQuery),
    ...more,
    limit: PAGE,
  });
  const first = useResource(
    () => key.value,
    async (text, signal) => ({ text, page: await listAlarms(ask(text, {}), signal) }),
  );
  const answer = useSteady(first);
  const page = shallowRef<AlarmPage | null>(null);
  const fetching = shallowRef(false);
  const laterProblem = shallowRef<ApiProblem | null>(null);
  /** The question that the page answers. */
  let answered: string | null = null;

  watch(answer, (now) => {
    const isSame = now !== null && now.text === answered;
    page.value = isSame && page.value ? merged(page.value, now.page) : (now?.page ?? null);
    if (isSame) return;
    answered = now?.text ?? null;
    fetching.value = false;
    laterProblem.value = null;
  });

  every(EVERY_MS, () => {
    if (!document.hidden && !first.loading.value) void first.reload();
  });

  async function more() {
    const before = page.value?.next ?? null;
    const text = answered;
    if (before === null || text === null || text !== key.value || fetching.value) return;
    fetching.value = true;
    laterProblem.value = null;
    try {
      const later = await listAlarms(ask(text, { before }));
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
    loading: first.loading,
    problem: first.problem,
    reload: first.reload,
    fetching,
    laterProblem,
    more,
    put: (alarm: Alarm) => {
      if (page.value) page.value = put(page.value, alarm);
    },
  };
}

/** The audit log from its newest row backwards, as far as somebody has asked for it. */
import { computed, shallowRef, watch } from 'vue';
import { type ApiProblem, asProblem } from '../../api';
import { type AuditEntry, listAudit } from '../../api/audit';
import { useResource } from '../../ui/resource';
import { useSteady } from '../../ui/use-steady';

const PAGE = 100;

export function useAudit(action: () => string, actor: () => string) {
  const query = () => ({ action: action() || undefined, actor: actor() || undefined });
  const first = useResource(() => ({ ...query(), limit: PAGE }), listAudit);
  const newest = useSteady(first);

  const older = shallowRef<AuditEntry[]>([]);
  const next = shallowRef<number | null>(null);
  const fetching = shallowRef(false);
  const olderProblem = shallowRef<ApiProblem | null>(null);
  /** Moves on with every new question: an answer to an old one is not appended to it. */
  let asked = 0;

  watch(newest, (page) => {
    asked += 1;
    older.value = [];
    next.value = page?.next_before ?? null;
    fetching.value = false;
    olderProblem.value = null;
  });

  async function more() {
    const before = next.value;
    if (before === null || fetching.value) return;
    const own = asked;
    fetching.value = true;
    olderProblem.value = null;
    try {
      const page = await listAudit({ ...query(), before, limit: PAGE });
      if (own !== asked) return;
      older.value = [...older.value, ...page.items];
      next.value = page.next_before;
    } catch (cause) {
      if (own === asked) olderProblem.value = asProblem(cause);
    }
    fetching.value = false;
  }

  return {
    rows: computed(() => (newest.value ? [...newest.value.items, ...older.value] : null)),
    actions: computed(() => newest.value?.actions ?? []),
    problem: first.problem,
    reload: first.reload,
    hasMore: computed(() => next.value !== null),
    fetching,
    olderProblem,
    more,
  };
}

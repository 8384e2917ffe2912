/** The state of a list and the address bar are the same thing: reading the one, writing the other. */
import { type ComputedRef, computed } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import type { Kind } from '../../api/modules';
import { decodeList, emptyList, encodeList, type ListState } from './list-query';

export interface ListAddress {
  list: ComputedRef<ListState>;
  /** Choosing is a step to go back from; typing is not. */
  change: (patch: Partial<ListState>, how?: 'step' | 'quiet') => void;
  /** A saved view. */
  open: (query: Record<string, unknown>) => void;
}

export function useList(kind: () => Kind | null): ListAddress {
  const route = useRoute();
  const router = useRouter();
  const list = computed(() => {
    const known = kind();
    return known ? decodeList(route.query, known) : emptyList();
  });

  function go(query: Record<string, string>, how: 'step' | 'quiet') {
    const { lang, theme } = route.query;
    const kept = Object.entries({ lang, theme }).filter(([, value]) => typeof value === 'string');
    const target = { path: route.path, query: { ...query, ...Object.fromEntries(kept) } };
    if (router.resolve(target).fullPath === route.fullPath) return;
    void (how === 'step' ? router.push(target) : router.replace(target));
  }

  return {
    list,
    change: (patch, how = 'step') => go(encodeList({ ...list.value, ...patch }), how),
    open: (query) => {
      const known = kind();
      if (known) go(encodeList(decodeList(query, known)), 'step');
    },
  };
}

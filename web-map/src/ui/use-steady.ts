/**
 * A list that blinks at every key is hard to read: the last answer stays until the next one is there. A question that
 * fails has none: what an earlier one has found is not shown as its answer.
 */
import { onScopeDispose, type ShallowRef, shallowRef, watch } from 'vue';
import { onRenewal } from '../identity/renewal';
import type { Resource } from './resource';

export function useSteady<T>({
  data,
  problem,
}: Pick<Resource<T>, 'data' | 'problem'>): Readonly<ShallowRef<T | null>> {
  const steady = shallowRef<T | null>(null);
  watch([data, problem], () => {
    if (data.value !== null || problem.value !== null) steady.value = data.value;
  });
  onScopeDispose(
    onRenewal(() => {
      steady.value = null;
    }),
  );
  return steady;
}

/** A list that blinks at every key is hard to read: the last answer stays until the next one is there. */
import { onScopeDispose, type Ref, type ShallowRef, shallowRef, watch } from 'vue';
import { onRenewal } from '../identity/renewal';

export function useSteady<T>(data: Readonly<Ref<T | null>>): Readonly<ShallowRef<T | null>> {
  const steady = shallowRef<T | null>(null);
  watch(data, (next) => {
    if (next !== null) steady.value = next;
  });
  onScopeDispose(
    onRenewal(() => {
      steady.value = null;
    }),
  );
  return steady;
}

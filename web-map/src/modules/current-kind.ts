/** The kind of the open page, which the navigation marks: a document knows it once it is loaded. */
import { onScopeDispose, readonly, ref, watchEffect } from 'vue';

const kind = ref<string | null>(null);
let owner: symbol | null = null;

export const currentKind = readonly(kind);

export function useCurrentKind(name: () => string | null) {
  const me = Symbol();
  owner = me;
  watchEffect(() => {
    const now = name();
    if (owner === me) kind.value = now;
  });
  onScopeDispose(() => {
    if (owner === me) kind.value = null;
  });
}

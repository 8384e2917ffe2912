/** What the open page is about: the frame around all of them shows it in the title of the window. */
import { onScopeDispose, readonly, ref, watchEffect } from 'vue';

const heading = ref('');
let owner: symbol | null = null;

export const currentHeading = readonly(heading);

export function useHeading(text: () => string) {
  const me = Symbol();
  owner = me;
  watchEffect(() => {
    const now = text();
    if (owner === me) heading.value = now;
  });
  onScopeDispose(() => {
    if (owner === me) heading.value = '';
  });
}

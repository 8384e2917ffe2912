/** What was pressed may be gone once it has worked: then the focus goes on to what is still there, and not to nothing. */
import { nextTick } from 'vue';

export async function refocus(next: HTMLElement | null) {
  await nextTick();
  const { activeElement, body } = document;
  if (activeElement === null || activeElement === body) next?.focus({ preventScroll: true });
}

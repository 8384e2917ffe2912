/** What somebody typed, once they pause: the server is not asked at every key. */
import { type Ref, ref, watch } from 'vue';

const TYPING_MS = 250;

export function useTyped(): { typed: Ref<string>; settled: Readonly<Ref<string>> } {
  const typed = ref('');
  const settled = ref('');
  watch(typed, (text, _, onCleanup) => {
    const timer = setTimeout(() => {
      settled.value = text.trim();
    }, TYPING_MS);
    onCleanup(() => clearTimeout(timer));
  });
  return { typed, settled };
}

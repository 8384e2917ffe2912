/** What is typed, kept in the address: a frame is shown to somebody else by a link. */
import { type ComputedRef, computed, type Ref, ref, watch } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import { HEX_CHARS } from '../../api/frames';

const TYPING_MS = 300;

export function useHexInUrl(): {
  typed: Ref<string>;
  /** What to explain, once somebody pauses; null for nothing and for too much. */
  wanted: ComputedRef<string | null>;
  tooLong: ComputedRef<boolean>;
  /** Takes a text at once. */
  put: (text: string) => void;
} {
  const route = useRoute();
  const router = useRouter();
  const inUrl = () => (typeof route.query.hex === 'string' ? route.query.hex : '');
  const typed = ref(inUrl());
  const settled = ref(typed.value);
  const tooLong = computed(() => settled.value.length > HEX_CHARS);
  const wanted = computed(() =>
    settled.value.trim() === '' || tooLong.value ? null : settled.value,
  );

  function settle(text: string) {
    settled.value = text;
    const hex = wanted.value ?? '';
    if (hex === inUrl()) return;
    const { hex: _, ...rest } = route.query;
    void router.replace({ path: route.path, query: hex === '' ? rest : { ...rest, hex } });
  }

  watch(typed, (text, _, onCleanup) => {
    const timer = setTimeout(() => settle(text), TYPING_MS);
    onCleanup(() => clearTimeout(timer));
  });
  // Back, forward, and the page's own entry in the navigation.
  watch(inUrl, (hex) => {
    if (hex === (wanted.value ?? '')) return;
    typed.value = hex;
    settled.value = hex;
  });

  function put(text: string) {
    typed.value = text;
    settle(text);
  }

  return { typed, wanted, tooLong, put };
}

/** Which rows of a scrolled list are drawn, following its scrolling and its size. */
import { computed, onScopeDispose, type Ref, ref, watch } from 'vue';
import { rowWindow } from '../../ui/row-window';

export function useRowWindow(
  scroller: Readonly<Ref<HTMLElement | null>>,
  rowPx: number,
  rows: () => number,
  onEnd: () => void,
  /** Another question begins at the top again. */
  question: () => string,
) {
  const scrollPx = ref(0);
  const heightPx = ref(800);
  const observer = new ResizeObserver(([entry]) => {
    heightPx.value = entry?.contentRect.height ?? heightPx.value;
  });
  const scrolled = () => {
    scrollPx.value = scroller.value?.scrollTop ?? 0;
  };
  watch(scroller, (now, before) => {
    if (before) {
      observer.unobserve(before);
      before.removeEventListener('scroll', scrolled);
    }
    if (now) {
      observer.observe(now);
      now.addEventListener('scroll', scrolled, { passive: true });
      scrolled();
    }
  });
  onScopeDispose(() => observer.disconnect());

  watch(question, () => {
    if (scroller.value) scroller.value.scrollTop = 0;
  });

  const span = computed(() => rowWindow(scrollPx.value, heightPx.value, rowPx, rows()));
  watch(
    () => [span.value.end, rows()] as const,
    ([end, count]) => {
      if (count > 0 && end >= count) onEnd();
    },
  );
  return {
    span,
    beforePx: computed(() => span.value.first * rowPx),
    afterPx: computed(() => Math.max(0, rows() - span.value.end) * rowPx),
  };
}

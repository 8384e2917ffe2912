/** Keys of the list. They are nobody's while something is typed or asked. */
import { onScopeDispose } from 'vue';

const TYPED_IN = 'input, select, textarea, [contenteditable], [role="combobox"]';

export function useKeys(act: (key: string, event: KeyboardEvent) => boolean) {
  function hear(event: KeyboardEvent) {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest(TYPED_IN) || document.querySelector('dialog[open]')) return;
    // Enter presses what has the focus.
    if (event.key === 'Enter' && target?.closest('a, button')) return;
    if (act(event.key, event)) event.preventDefault();
  }
  window.addEventListener('keydown', hear);
  onScopeDispose(() => window.removeEventListener('keydown', hear));
}

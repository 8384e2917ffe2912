/** A timer that belongs to the component that asked for it. */
import { onScopeDispose } from 'vue';

export function every(ms: number, act: () => void) {
  const timer = setInterval(act, ms);
  onScopeDispose(() => clearInterval(timer));
}

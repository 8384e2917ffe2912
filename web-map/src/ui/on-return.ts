/** Runs when somebody comes back to the window: what they left there may have moved on. */
import { onScopeDispose } from 'vue';

export function onReturn(act: () => void) {
  const hear = () => {
    if (!document.hidden) act();
  };
  document.addEventListener('visibilitychange', hear);
  onScopeDispose(() => document.removeEventListener('visibilitychange', hear));
}

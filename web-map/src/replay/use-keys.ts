/** The keys of a replay, wherever the focus is, except where they have a meaning of their own. */
import { onBeforeUnmount, onMounted } from 'vue';
import type { Replay } from './use-replay';

const STEP_MS = 10_000;
const LONG_STEP_MS = 60_000;

export function useKeys(replay: Replay) {
  function press(event: KeyboardEvent) {
    const { target, key, shiftKey } = event;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (target instanceof Element && target.closest('input, select, textarea, dialog')) return;
    // A button or a link is pressed by the space bar.
    if (key === ' ' && target instanceof Element && target.closest('button, a')) return;
    if (!act(key, shiftKey ? LONG_STEP_MS : STEP_MS)) return;
    event.preventDefault();
  }

  function act(key: string, stepMs: number): boolean {
    switch (key) {
      case ' ':
        if (replay.vehicles.value.length > 0) replay.toggle();
        return true;
      case 'ArrowLeft':
        replay.seek(replay.atMs.value - stepMs);
        return true;
      case 'ArrowRight':
        replay.seek(replay.atMs.value + stepMs);
        return true;
      case 'ArrowUp':
        replay.faster();
        return true;
      case 'ArrowDown':
        replay.slower();
        return true;
      case 'Home':
        replay.seek(replay.window.value.fromMs);
        return true;
      case 'End':
        replay.seek(replay.endMs.value);
        return true;
      default:
        return false;
    }
  }

  onMounted(() => window.addEventListener('keydown', press));
  onBeforeUnmount(() => window.removeEventListener('keydown', press));
}

/** Drawing by key, unless somebody types. */
import { onScopeDispose } from 'vue';
import { blank, finished } from './sketch';
import type { Drawing } from './use-sketch';

const TYPING = 'input, select, textarea, [contenteditable], dialog';
/** Enter presses them. */
const PRESSED = 'button, a, summary';

export function useDrawingKeys(drawing: Drawing) {
  function act(event: KeyboardEvent): boolean {
    const sketch = drawing.sketch.value;
    if (!sketch || event.isComposing || event.altKey) return false;
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest(TYPING) && !isCheckBox(target)) return false;
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      if (key === 'z' && !event.shiftKey) drawing.undo();
      else if (key === 'y' || key === 'z') drawing.redo();
      else return false;
      return true;
    }
    if (key === 'enter' && !sketch.isDone && !target?.closest(PRESSED)) {
      drawing.step(finished(sketch));
      return true;
    }
    if (key === 'backspace' || key === 'delete') {
      drawing.erase();
      return true;
    }
    if (key === 'escape' && !sketch.isDone && sketch.points.length > 0) {
      drawing.step({ ...blank(sketch.form), metres: sketch.metres });
      return true;
    }
    return false;
  }

  const press = (event: KeyboardEvent) => {
    if (act(event)) event.preventDefault();
  };
  // Before the page: what Escape takes back is the drawing, as long as there is one.
  window.addEventListener('keydown', press, true);
  onScopeDispose(() => window.removeEventListener('keydown', press, true));
}

const isCheckBox = (target: Element) =>
  target instanceof HTMLInputElement && target.type === 'checkbox';

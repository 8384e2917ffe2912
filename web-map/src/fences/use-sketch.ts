/** The drawing that is under way, with what can be taken back, and why the last step was not taken. */
import { computed, type Ref, ref, type ShallowRef, shallowRef } from 'vue';
import type { Position } from './geo';
import { begun, did, type History, redone, undone } from './history';
import {
  blank,
  type Form,
  isRefusal,
  judged,
  type Refusal,
  removed,
  type Sketch,
  takenBack,
} from './sketch';

export interface Drawing {
  /** Null while nothing is drawn. */
  sketch: Readonly<Ref<Sketch | null>>;
  /** Where the next point would be. */
  pointer: ShallowRef<Position | null>;
  /** The handle that was taken hold of last. */
  chosen: Ref<number | null>;
  refusal: Ref<Refusal | null>;
  /** Something is dragged, and is not yet what it comes to. */
  isDragged: Readonly<Ref<boolean>>;
  canUndo: Readonly<Ref<boolean>>;
  canRedo: Readonly<Ref<boolean>>;
  begin: (sketch: Sketch) => void;
  end: () => void;
  /** A step that can be taken back. Answers whether it was taken. */
  step: (outcome: Sketch | Refusal) => boolean;
  /** While something is dragged: nothing is kept yet. */
  drag: (sketch: Sketch) => void;
  drop: () => void;
  /** What was not known when the drawing began, and is no step. */
  amend: (sketch: Sketch) => void;
  undo: () => void;
  redo: () => void;
  /** Takes away the chosen handle, or the last point while drawing. */
  erase: () => void;
  /** Begins again, with the same or with another form. */
  again: (form?: Form) => void;
}

export function useSketch(): Drawing {
  const history = shallowRef<History<Sketch> | null>(null);
  const dragged = shallowRef<Sketch | null>(null);
  const pointer = shallowRef<Position | null>(null);
  const chosen = ref<number | null>(null);
  const refusal = ref<Refusal | null>(null);
  const sketch = computed(() => dragged.value ?? history.value?.now ?? null);

  function take(next: History<Sketch> | null) {
    history.value = next;
    dragged.value = null;
    refusal.value = null;
  }

  function step(outcome: Sketch | Refusal): boolean {
    if (!history.value) return false;
    if (isRefusal(outcome)) {
      dragged.value = null;
      refusal.value = outcome;
      return false;
    }
    if (outcome !== history.value.now) take(did(history.value, outcome));
    return true;
  }

  function erase() {
    const now = sketch.value;
    if (!now) return;
    if (!now.isDone) {
      step(takenBack(now));
    } else if (chosen.value !== null) {
      if (step(removed(now, chosen.value))) chosen.value = null;
    }
  }

  const travel = (way: typeof undone<Sketch>) => {
    if (!history.value) return;
    chosen.value = null;
    take(way(history.value));
  };

  return {
    sketch,
    pointer,
    chosen,
    refusal,
    isDragged: computed(() => dragged.value !== null),
    canUndo: computed(() => (history.value?.past.length ?? 0) > 0),
    canRedo: computed(() => (history.value?.future.length ?? 0) > 0),
    begin: (first) => {
      take(begun(first));
      chosen.value = null;
    },
    end: () => {
      take(null);
      pointer.value = null;
      chosen.value = null;
    },
    step,
    drag: (next) => {
      dragged.value = next;
      refusal.value = null;
    },
    drop: () => {
      if (dragged.value) step(judged(dragged.value));
    },
    amend: (next) => {
      if (history.value) history.value = { ...history.value, now: next };
    },
    undo: () => travel(undone),
    redo: () => travel(redone),
    erase,
    again: (form) => {
      chosen.value = null;
      pointer.value = null;
      const now = sketch.value;
      if (!now) return;
      // The radius of a circle is drawn anew; what was typed or chosen stays.
      const isKept = form === undefined && now.form !== 'circle';
      const next = blank(form ?? now.form);
      step(isKept ? { ...next, metres: now.metres } : next);
    },
  };
}

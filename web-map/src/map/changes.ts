/** The bus on which the live stream tells the rest of the client that a layer's data, or the style itself, moved on. */
import type { Bbox } from '../api/types';

export interface LayerChange {
  layer: string;
  version: number;
  /** What was touched; empty means all of it. */
  bboxes: Bbox[];
}

type Listener = (change: LayerChange) => void;

const listeners = new Set<Listener>();

export function notifyLayerChanged(change: LayerChange) {
  for (const listener of listeners) listener(change);
}

/** Returns the way to stop listening. */
export function onLayerChanged(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const styleListeners = new Set<() => void>();

/** Icons look different: the style has another sprite and another legend. */
export function notifyStyleChanged() {
  for (const listener of styleListeners) listener();
}

/** Returns the way to stop listening. */
export function onStyleChanged(listener: () => void): () => void {
  styleListeners.add(listener);
  return () => styleListeners.delete(listener);
}

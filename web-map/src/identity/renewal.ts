/** The bus on which every source, list and open panel is told to drop what it shows and to fetch it again. */

type Listener = () => void;

const listeners = new Set<Listener>();

export function renewEverything() {
  for (const listener of listeners) listener();
}

/** Returns the way to stop listening. */
export function onRenewal(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The bus on which the live stream tells the rest of the client that alarms or seals moved on. It says no more than that: who cares asks. */
export const FLEET_TOPICS = ['alarms', 'seals'] as const;
export type FleetTopic = (typeof FLEET_TOPICS)[number];

type Listener = (topics: readonly FleetTopic[]) => void;

const listeners = new Set<Listener>();

export function notifyFleetChanged(topics: readonly FleetTopic[]) {
  for (const listener of listeners) listener(topics);
}

/** Returns the way to stop listening. */
export function onFleetChanged(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

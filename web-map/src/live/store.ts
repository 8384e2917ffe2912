/** All that Vue sees of the live stream: its state, the counts, and the one vehicle that is looked at. */
import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';
import type { Connection } from './diff';
import type { Shown } from './fleet';
import type { FleetCounts } from './protocol';

export const useLive = defineStore('live', () => {
  const connection = ref<Connection>('offline');
  /** Browser clock (`Date.now`) of the last frame; null before the first. */
  const lastAtMs = ref<number | null>(null);
  /** What to add to the browser's clock to get the server's. */
  const serverOffsetMs = ref(0);
  const counts = shallowRef<FleetCounts | null>(null);
  /** Browser clock of the heartbeat that brought `counts`. */
  const countsAtMs = ref<number | null>(null);
  /** The vehicle whose card is open, as it was a moment ago; null when none is, or when it left the view. */
  const selected = shallowRef<Shown | null>(null);
  /** The id of the vehicle the camera stays with. */
  const followed = ref<number | null>(null);

  /** How many vehicles the map shows as clusters; null while it shows them themselves. */
  const clustered = ref<number | null>(null);

  return {
    connection,
    lastAtMs,
    serverOffsetMs,
    counts,
    countsAtMs,
    selected,
    followed,
    clustered,
  };
});

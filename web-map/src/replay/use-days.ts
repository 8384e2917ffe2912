/** Trips, stops and alarms of the chosen vehicles; of many vehicles only those of the selected one. */
import { computed, type Ref } from 'vue';
import { ApiProblem } from '../api';
import { alarmsBetween, getJourneys } from '../api/tracks';
import { useResource } from '../ui/resource';
import type { Span } from './chunks';
import { type Day, dayOfVehicle } from './marks';

/** From here on the map would be all marks. */
export const MARKED_VEHICLES = 20;
const AT_ONCE = 4;

interface Wanted {
  ids: readonly number[];
  window: Span;
}

export interface Days {
  /** By vehicle; who is not there is not asked for, or on the way. */
  days: Readonly<Ref<Map<number, Day>>>;
  problem: Readonly<Ref<ApiProblem | null>>;
  reload: () => Promise<void>;
}

export function useDays(wanted: () => Wanted, selected: () => number | null): Days {
  const asked = computed<string | null>(() => {
    const { ids, window } = wanted();
    const one = selected();
    const marked = ids.length <= MARKED_VEHICLES ? ids : one === null ? [] : [one];
    // A text, so that the same question is not asked twice.
    return marked.length > 0 ? JSON.stringify({ ids: marked, window }) : null;
  });
  const { data, problem, reload } = useResource(
    () => asked.value,
    (key, signal) => fetchDays(JSON.parse(key) as Wanted, signal),
  );
  return { days: computed(() => data.value ?? new Map()), problem, reload };
}

async function fetchDays({ ids, window }: Wanted, signal: AbortSignal): Promise<Map<number, Day>> {
  const days = new Map<number, Day>();
  const left = [...ids];
  const lane = async () => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) {
      const { fromMs, toMs } = window;
      try {
        const [journeys, alarms] = await Promise.all([
          getJourneys(id, fromMs, toMs, signal),
          alarmsBetween(id, fromMs, toMs, signal),
        ]);
        days.set(id, dayOfVehicle(id, journeys, alarms, window));
      } catch (cause) {
        // One that the reader may not see does not hide what the others did.
        if (!(cause instanceof ApiProblem && [403, 404].includes(cause.status))) throw cause;
        days.set(id, { trips: [], marks: [] });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return days;
}

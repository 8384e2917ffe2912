/** What the chosen vehicles are called. Those nobody may see have no name. */
import { computed, type Ref } from 'vue';
import { ApiProblem, getVehicle, listVehicles, type Vehicle } from '../api';
import { useResource } from '../ui/resource';
import { useSteady } from '../ui/use-steady';

/** Up to so many are asked for one by one. */
const FEW = 4;
const LIMIT = 1_000;

export function useNames(ids: () => readonly number[]): Readonly<Ref<Map<number, Vehicle>>> {
  const { data, problem } = useResource(
    () => ids().join(',') || null,
    (key, signal) => named(key.split(',').map(Number), signal),
  );
  const answer = useSteady({ data, problem });
  return computed(() => answer.value ?? new Map());
}

async function named(ids: number[], signal: AbortSignal): Promise<Map<number, Vehicle>> {
  const found = new Map<number, Vehicle>();
  if (ids.length > FEW) {
    const wanted = new Set(ids);
    for (const vehicle of (await listVehicles({ limit: LIMIT }, signal)).items) {
      if (wanted.has(vehicle.feature_id)) found.set(vehicle.feature_id, vehicle);
    }
  }
  const missing = ids.filter((id) => !found.has(id)).slice(0, ids.length > FEW ? FEW : undefined);
  for (const vehicle of await Promise.all(missing.map((id) => one(id, signal)))) {
    if (vehicle) found.set(vehicle.feature_id, vehicle);
  }
  return found;
}

async function one(id: number, signal: AbortSignal): Promise<Vehicle | null> {
  try {
    return await getVehicle(id, signal);
  } catch (cause) {
    if (cause instanceof ApiProblem && cause.status === 404) return null;
    throw cause;
  }
}

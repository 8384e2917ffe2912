/** Vehicles by plate or name, for those who choose one. */
import { listVehicles } from '../api';
import type { Choice } from '../ui/ComboBox.vue';

const LIMIT = 20;

export interface VehicleChoice extends Choice {
  hasTerminal: boolean;
}

export async function findVehicles(q: string, signal: AbortSignal): Promise<VehicleChoice[]> {
  const { items } = await listVehicles({ q: q || undefined, limit: LIMIT }, signal);
  return items.map(({ feature_id, plate, org, terminal_id }) => ({
    id: feature_id,
    title: plate,
    subtitle: org?.name ?? '',
    hasTerminal: terminal_id !== null,
  }));
}

/** Which vehicles are looked for, as text of an address: `moving,idle`. Without any it is all of them. */
import type { VehicleStatus } from '../../api';

/** One that nobody has heard of is nowhere. */
export const STATUSES: readonly VehicleStatus[] = ['moving', 'idle', 'offline'];

export function statusesIn(text: string | null): VehicleStatus[] {
  const said = text?.split(',') ?? [];
  const found = STATUSES.filter((one) => said.includes(one));
  return found.length === STATUSES.length ? [] : found;
}

/** With one more, or without it. */
export function toggled(text: string | null, status: VehicleStatus): string | null {
  const now = statusesIn(text);
  const next = now.includes(status) ? now.filter((one) => one !== status) : [...now, status];
  return statusesIn(next.join(',')).join(',') || null;
}

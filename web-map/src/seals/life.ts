/** What may become of a seal before its time. The server judges; here it only keeps from offering what it would refuse. */
import { SEAL_ENDS, type Seal, type SealEnd, type SealPlan } from '../api/seals';

/** Each with the key that does it. */
export const KEY_OF: Record<SealEnd, string> = { lift: 'L', withdraw: 'W' };

/** One that has not begun is withdrawn; one that never held cannot be ended again. */
export function endsOf({ state, may_end }: Pick<Seal, 'state' | 'may_end'>): SealEnd[] {
  if (!may_end) return [];
  return SEAL_ENDS.filter((end) => (end === 'lift' ? state === 'standing' : state !== 'withdrawn'));
}

export function endOfKey(key: string, seal: Seal): SealEnd | null {
  return endsOf(seal).find((end) => KEY_OF[end] === key.toUpperCase()) ?? null;
}

/** One that has not begun comes back as it was; what has begun would have to be judged again. */
export function planAgain(seal: Seal, end: SealEnd): SealPlan | null {
  if (end !== 'withdraw' || seal.state !== 'upcoming') return null;
  const vehicles = seal.vehicles.map(({ feature_id }) => feature_id);
  // Vehicles that the reader does not see would be lost.
  if (!seal.is_whole && vehicles.length < seal.vehicle_count) return null;
  const { starts_at, ends_at, spares_orders, reason } = seal;
  return { org_id: seal.org.org_id, vehicles, starts_at, ends_at, spares_orders, reason };
}

/** From somebody who has too much to the document that takes it back. */
import type { HeldRoom, OverStandard } from '../../api/space';
import { num } from '../amount';

export const RECLAIM_KIND = 'office_reclaim';

/** The smallest room that is enough to give up, or else the largest there is. */
export function roomToReclaim(rooms: readonly HeldRoom[], excess: number): HeldRoom | null {
  const rising = [...rooms].sort((a, b) => num(a.m2) - num(b.m2));
  return rising.find(({ m2 }) => num(m2) >= excess) ?? rising.at(-1) ?? null;
}

export function reclaimPath(item: OverStandard) {
  const room = roomToReclaim(item.rooms, num(item.excess_m2));
  return {
    path: `/modules/${RECLAIM_KIND}/new`,
    query: {
      ...(room ? { feature: String(room.feature_id) } : {}),
      org: String(item.org_id),
      staff_no: item.staff_no,
      cause: 'over',
    },
  };
}

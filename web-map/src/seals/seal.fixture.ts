/** A seal for tests: all vehicles of a body over the National Day, unless told otherwise. */
import type { Seal } from '../api/seals';

export const sealOf = (id: number, more: Partial<Seal> = {}): Seal => ({
  seal_id: id,
  org: { org_id: 5, name: '公安局' },
  is_whole: (more.vehicles ?? []).length === 0,
  vehicles: [],
  vehicle_count: 12,
  starts_at: '2026-09-30T16:00:00Z',
  ends_at: '2026-10-07T16:00:00Z',
  spares_orders: true,
  reason: '国庆节假日封存',
  state: 'upcoming',
  lifted_at: null,
  made_by: 'dispatcher',
  made_at: '2026-09-20T01:30:00Z',
  ended_by: null,
  alarms: 0,
  may_end: true,
  ...more,
});

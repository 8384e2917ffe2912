/** Seals of vehicles: times in which they must stand, such as the holidays. */
import { call } from './client';

/** What a list may be narrowed to; those that were lifted are among those that are over. */
export const SEAL_LISTS = ['upcoming', 'standing', 'over', 'withdrawn'] as const;
export type SealList = (typeof SEAL_LISTS)[number];
export type SealState = SealList | 'lifted';

export interface Seal {
  seal_id: number;
  org: { org_id: number; name: string };
  /** All of the organisation's and of those below it. */
  is_whole: boolean;
  /** Otherwise only some: of these those that the reader sees. */
  vehicles: { feature_id: number; name: string }[];
  /** How many it is about now. */
  vehicle_count: number;
  /** RFC 3339 */
  starts_at: string;
  /** The first moment after it. */
  ends_at: string;
  /** Vehicles on an approved order may move meanwhile. */
  spares_orders: boolean;
  reason: string;
  state: SealState;
  lifted_at: string | null;
  /** The login. */
  made_by: string;
  made_at: string;
  ended_by: string | null;
  /** Movements that were found during it. */
  alarms: number;
  /** Whether the reader may lift or withdraw it. */
  may_end: boolean;
}

export interface SealPlan {
  org_id: number;
  vehicles: number[];
  starts_at: string;
  ends_at: string;
  spares_orders: boolean;
  reason: string;
}

export interface SealPage {
  /** The last to begin first. */
  items: readonly Seal[];
  /** What to ask for as `cursor`; null at the end. */
  next: string | null;
}

/** Days on which nobody works, one after the other. */
export interface Holiday {
  name: string | null;
  /** 2026-10-01 */
  from: string;
  /** Among them. */
  to: string;
}

/** Without a state: all but the withdrawn. */
export const listSeals = (
  query: { state?: SealList | undefined; cursor?: string | undefined; limit?: number | undefined },
  signal?: AbortSignal,
): Promise<SealPage> => call('/seals', { query, signal });

/** Of this year and of the next, as far as they are published. */
export const listHolidays = async (signal?: AbortSignal): Promise<Holiday[]> =>
  (await call<{ items: Holiday[] }>('/seals/holidays', { signal })).items;

export const addSeal = (body: SealPlan): Promise<Seal> => call('/seals', { method: 'POST', body });

/** Somebody was quicker, or it ended by itself. */
export const SEAL_OUT_OF_TURN = 'seal-out-of-turn';

export const SEAL_ENDS = ['lift', 'withdraw'] as const;
export type SealEnd = (typeof SEAL_ENDS)[number];

/** Lifted: what is left of it does not hold. Withdrawn: it never held. */
export const endSeal = (id: number, end: SealEnd): Promise<Seal> =>
  call(`/seals/${id}/${end}`, { method: 'POST' });

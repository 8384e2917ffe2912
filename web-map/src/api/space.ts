/** The space ledger, and what office space is asked about: who uses what, what is free, who has too much. */
import { call } from './client';
import type { Decision } from './documents';
import type { Bilingual } from './types';

/** Square metres; the server writes decimals as text. */
export type Amount = number | string;

/** The ledgers that are closed by periods. */
type LedgerName = 'space';

/** From a day on, to before another day; without one it goes on. */
interface During {
  from: string;
  until: string | null;
}

export interface SpaceUse extends During {
  org_id: number;
  org: string;
  color: string;
  m2: Amount;
}

export interface SpacePerson extends During {
  staff_no: string;
  name: string;
  rank: Bilingual | null;
  m2: Amount;
  org: string;
}

export interface SpaceEntry extends During {
  posted_at: string;
  doc_id: number | string | null;
  number: string | null;
  kind_title: Bilingual | null;
  purpose: Bilingual;
  /** A login. */
  actor: string | null;
  /** Empty where nobody has that login any more. */
  actor_name?: string;
  org?: string | null;
  /** Negative takes away. */
  m2: Amount;
}

export interface RoomSpace {
  at: string;
  /** Null while it is not registered. */
  area_m2: Amount | null;
  free_m2: Amount | null;
  uses: SpaceUse[];
  people: SpacePerson[];
  entries: SpaceEntry[];
}

export interface FloorSpace {
  feature_id: number;
  ordinal: number;
  name: string;
  area_m2: Amount;
  vacant_m2: Amount;
  /** Drawn, but nobody has entered how large it is. */
  unregistered_m2: Amount;
  orgs: { org_id: number; name: string; color: string; m2: Amount }[];
}

export interface ReconciledPlace {
  feature_id: number;
  name: string;
  kind: string;
  ledger_m2: Amount | null;
  drawing_m2: Amount | null;
  certificate_m2?: Amount | null;
  difference_m2: Amount | null;
  agrees: boolean;
}

export interface VacantRoom {
  feature_id: number;
  name: string;
  /** 办公室, 会议室…; may be empty. */
  use_kind: string;
  building: string;
  free_m2: Amount;
  seats: number;
  distance_m: number | null;
  lon: number;
  lat: number;
}

export interface VacantAnswer {
  needed_m2: Amount;
  ruling: Decision | null;
  items: VacantRoom[];
  took_ms: number;
}

export interface HeldRoom {
  feature_id: number;
  name: string;
  m2: Amount;
}

export interface OverStandard {
  staff_no: string;
  name: string;
  org_id: number;
  org: string;
  level: Bilingual;
  rank: Bilingual;
  held_m2: Amount;
  limit_m2: Amount;
  excess_m2: Amount;
  decision: Decision;
  rooms: HeldRoom[];
}

export type BuildingForm = 'multi_storey' | 'high_rise';

export interface Entitlement {
  posts: number;
  offices: Amount;
  service: Amount;
  equipment: Amount;
  basic: Amount;
  gross: Amount;
  canteen: Amount;
  held_m2: Amount;
  excess_m2: Amount;
  decisions: Decision[];
}

export const getRoomSpace = (
  query: { feature: number; at?: string | undefined },
  signal?: AbortSignal,
): Promise<RoomSpace> => call('/ledgers/space', { query, signal });

/** The top floor first. */
export const getStacking = async (
  query: { building: number; at?: string | undefined },
  signal?: AbortSignal,
): Promise<FloorSpace[]> =>
  (await call<{ floors: FloorSpace[] }>('/ledgers/space/stacking', { query, signal })).floors;

export const getReconciliation = async (
  building: number,
  signal?: AbortSignal,
): Promise<ReconciledPlace[]> =>
  (
    await call<{ items: ReconciledPlace[] }>('/ledgers/space/reconciliation', {
      query: { building },
      signal,
    })
  ).items;

export interface Closing {
  ledger: LedgerName;
  /** The last closed day. */
  through: string;
  /** A login. */
  actor: string;
  /** Empty where nobody has that login any more. */
  actor_name: string;
  at: string;
  note: string;
}

/** A day before the one in force opens the days after it again. */
export type NewClosing = Pick<Closing, 'ledger' | 'through' | 'note'>;

/** The newest first, which is the one in force; none means never closed. */
export const listClosings = async (ledger: LedgerName, signal?: AbortSignal): Promise<Closing[]> =>
  (await call<{ items: Closing[] }>('/ledgers/closings', { query: { ledger }, signal })).items;

export const closePeriod = async (body: NewClosing): Promise<Closing[]> =>
  (await call<{ items: Closing[] }>('/ledgers/closings', { method: 'POST', body })).items;

export interface VacantQuestion {
  people: number;
  /** Its level and its region decide the limit. */
  org: number;
  near?: number | undefined;
  radius_m?: number | undefined;
  /** The lowest of the level without one. */
  rank?: string | undefined;
  on?: string | undefined;
}

export const findVacant = (query: VacantQuestion, signal?: AbortSignal): Promise<VacantAnswer> =>
  call('/office-space/vacant', { query: { ...query }, signal });

export const listOverStandard = async (
  org: number | undefined,
  signal?: AbortSignal,
): Promise<OverStandard[]> =>
  (await call<{ items: OverStandard[] }>('/office-space/over-standard', { query: { org }, signal }))
    .items;

export const getEntitlement = (
  query: { org: number; form: BuildingForm; on?: string | undefined },
  signal?: AbortSignal,
): Promise<Entitlement> => call('/office-space/entitlement', { query, signal });

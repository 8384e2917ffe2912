/** A seal as it is filled in: what is wrong with it, told before it is sent, and what is sent. Pure. */

import type { Holiday, SealPlan } from '../api/seals';
import { lengthOf } from '../commands/draft';
import { beginOf, endOf, momentMs } from './clock';

export interface Draft {
  org: { id: number; name: string } | null;
  /** Only the vehicles that are chosen; otherwise all of the organisation's. */
  isSome: boolean;
  vehicles: { id: number; name: string }[];
  /** 2026-10-01T00:00, by the clock of the city. */
  from: string;
  to: string;
  sparesOrders: boolean;
  reason: string;
  /** The reason that was proposed last: one's own is not written over. */
  proposed: string;
}

export type DraftField = 'org' | 'vehicles' | 'from' | 'to' | 'reason';

/** Each is a sentence of its own, see `messages.ts`. */
export type DraftFault =
  | 'org'
  | 'vehicles'
  | 'from'
  | 'to'
  | 'backwards'
  | 'tooLong'
  | 'reason'
  | 'reasonMost';

export const MOST_VEHICLES = 1_000;
export const MOST_REASON = 200;
export const MOST_DAYS = 400;
const DAY_MS = 86_400_000;

export const emptyDraft = (): Draft => ({
  org: null,
  isSome: false,
  vehicles: [],
  from: '',
  to: '',
  sparesOrders: true,
  reason: '',
  proposed: '',
});

/** Those that are not over yet, the next first. `today` is a day of the city. */
export const coming = (holidays: readonly Holiday[], today: string): Holiday[] =>
  holidays.filter(({ to }) => to >= today).sort((one, other) => one.from.localeCompare(other.from));

/** The whole of its days, with a reason unless somebody has written one. */
export function withHoliday(draft: Draft, { from, to }: Holiday, proposed: string): Draft {
  const isOwn = draft.reason.trim() !== '' && draft.reason !== draft.proposed;
  return {
    ...draft,
    from: beginOf(from),
    to: endOf(to),
    reason: isOwn ? draft.reason : proposed,
    proposed,
  };
}

export const isOver = ({ from, to }: Pick<Draft, 'from' | 'to'>, holiday: Holiday): boolean =>
  from === beginOf(holiday.from) && to === endOf(holiday.to);

/** Null while it is no period. */
export function periodOf({ from, to }: Pick<Draft, 'from' | 'to'>) {
  const [fromMs, toMs] = [momentMs(from), momentMs(to)];
  return fromMs < toMs ? { fromMs, toMs } : null;
}

/** All that is wrong, by the field that it stands below. */
export function faultsOf(draft: Draft): Partial<Record<DraftField, DraftFault>> {
  const faults: Partial<Record<DraftField, DraftFault>> = {};
  if (draft.org === null) faults.org = 'org';
  if (draft.isSome && draft.vehicles.length === 0) faults.vehicles = 'vehicles';
  const [fromMs, toMs] = [momentMs(draft.from), momentMs(draft.to)];
  if (Number.isNaN(fromMs)) faults.from = 'from';
  if (Number.isNaN(toMs)) faults.to = 'to';
  else if (toMs <= fromMs) faults.to = 'backwards';
  else if (toMs - fromMs > MOST_DAYS * DAY_MS) faults.to = 'tooLong';
  const length = lengthOf(draft.reason.trim());
  if (length === 0) faults.reason = 'reason';
  else if (length > MOST_REASON) faults.reason = 'reasonMost';
  return faults;
}

/** Of a draft without faults. */
export function planOf(draft: Draft): SealPlan {
  return {
    org_id: draft.org?.id ?? 0,
    vehicles: draft.isSome ? draft.vehicles.map(({ id }) => id) : [],
    starts_at: new Date(momentMs(draft.from)).toISOString(),
    ends_at: new Date(momentMs(draft.to)).toISOString(),
    spares_orders: draft.sparesOrders,
    reason: draft.reason.trim(),
  };
}

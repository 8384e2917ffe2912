/** What is asked of a fence, as the form has it: what was typed is text until it is sent. */
import type { Ask, Fence, FencePlan } from '../api/fences';
import { ASKS } from '../api/fences';
import { areaOf } from './on-file';
import { lackOf, type Sketch } from './sketch';

export interface Draft {
  name: string;
  org: { id: number; name: string } | null;
  vehicles: number[];
  asks: Ask[];
  dwellMin: string;
  limitKmh: string;
  isParking: boolean;
}

/** Each is a sentence of its own, see `messages.ts`. */
export type DraftFault =
  | 'name'
  | 'nameMost'
  | 'org'
  | 'dwell'
  | 'dwellRange'
  | 'limit'
  | 'idle'
  | 'drawn';

export type DraftField = 'name' | 'org' | 'asks' | 'dwellMin' | 'limitKmh' | 'drawn';

const MOST_CHARS = 100;
/** Ten days. */
const MOST_DWELL_S = 864_000;
const MOST_KMH = 200;

export function draftOf(fence: Fence | null): Draft {
  if (!fence) {
    return {
      name: '',
      org: null,
      vehicles: [],
      asks: ['enter', 'leave'],
      dwellMin: '',
      limitKmh: '',
      isParking: false,
    };
  }
  const { name, org, vehicles, asks, dwell_limit_s, limit_kmh, is_parking } = fence;
  return {
    name,
    org: { id: org.org_id, name: org.name },
    vehicles: [...vehicles],
    asks: inOrder(asks),
    dwellMin: dwell_limit_s === null ? '' : String(Number((dwell_limit_s / 60).toFixed(2))),
    limitKmh: limit_kmh === null ? '' : String(limit_kmh),
    isParking: is_parking,
  };
}

const inOrder = (asks: readonly Ask[]): Ask[] => ASKS.filter((ask) => asks.includes(ask));

export const withAsk = ({ asks }: Draft, ask: Ask, is: boolean): Ask[] =>
  inOrder(is ? [...asks, ask] : asks.filter((one) => one !== ask));

/** Null: nothing was typed; NaN: what was typed is no number. */
export function numberOf(text: string): number | null {
  const plain = text.trim();
  if (plain === '') return null;
  return /^\d+(\.\d+)?$/.test(plain) ? Number(plain) : Number.NaN;
}

function dwellS({ asks, dwellMin }: Draft): number | null {
  const minutes = asks.includes('dwell') ? numberOf(dwellMin) : null;
  return minutes === null ? null : Math.round(minutes * 60);
}

/** All that is wrong, by the field that it stands below. */
export function faultsOf(
  draft: Draft,
  sketch: Sketch | null,
): Partial<Record<DraftField, DraftFault>> {
  const faults: Partial<Record<DraftField, DraftFault>> = {};
  const name = [...draft.name.trim()].length;
  if (name === 0) faults.name = 'name';
  else if (name > MOST_CHARS) faults.name = 'nameMost';
  if (draft.org === null) faults.org = 'org';
  const dwell = dwellS(draft);
  if (draft.asks.includes('dwell')) {
    if (dwell === null) faults.dwellMin = 'dwell';
    else if (!(dwell >= 1 && dwell <= MOST_DWELL_S)) faults.dwellMin = 'dwellRange';
  }
  const limit = numberOf(draft.limitKmh);
  if (limit !== null && !(limit >= 1 && limit <= MOST_KMH)) faults.limitKmh = 'limit';
  if (draft.asks.length === 0 && limit === null && !draft.isParking) faults.asks = 'idle';
  if (!sketch || lackOf(sketch) !== null) faults.drawn = 'drawn';
  return faults;
}

/** Of a draft without faults. */
export function planOf(draft: Draft, sketch: Sketch): FencePlan {
  return {
    name: draft.name.trim(),
    org_id: draft.org?.id ?? 0,
    area: areaOf(sketch),
    asks: draft.asks,
    dwell_limit_s: dwellS(draft),
    limit_kmh: numberOf(draft.limitKmh),
    is_parking: draft.isParking,
    vehicles: draft.vehicles,
  };
}

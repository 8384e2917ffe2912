/** A command as it is typed: what is wrong with it, told before it is sent, and what is sent. */
import type { CommandKind, CommandPlan, Order } from '../api/commands';
import type { MessageKey } from '../i18n';

export const MOST_TEXT = 200;
export const MOST_REASON = 500;
export const RANGES = {
  seconds: { least: 1, most: 3_600 },
  kmh: { least: 10, most: 200 },
  minutes: { least: 1, most: 1_440 },
} as const;
type Numbered = keyof typeof RANGES;

export interface Draft {
  kind: CommandKind;
  text: string;
  seconds: string;
  kmh: string;
  reason: string;
  minutes: string;
}

export type DraftField = Exclude<keyof Draft, 'kind'>;
export interface Fault {
  key: MessageKey;
  params?: Record<string, number>;
}

export const emptyDraft = (): Draft => ({
  kind: 'text',
  text: '',
  seconds: '',
  kmh: '',
  reason: '',
  minutes: '60',
});

/** As the server counts: a character beyond the first plane is one. */
export const lengthOf = (text: string): number => [...text].length;

/** The field that a kind has of its own. */
export function ownField(kind: CommandKind): 'text' | 'seconds' | 'kmh' | null {
  return ({ locate: null, text: 'text', interval: 'seconds', speed_limit: 'kmh' } as const)[kind];
}

/** By field, in the order of the form; empty: it may be sent. */
export function faultsOf(draft: Draft): Partial<Record<DraftField, Fault>> {
  const faults: Partial<Record<DraftField, Fault>> = {};
  const add = (field: DraftField, fault: Fault | null) => {
    if (fault) faults[field] = fault;
  };
  const own = ownField(draft.kind);
  if (own === 'text') add(own, textFault(draft.text));
  else if (own) add(own, numberFault(own, draft[own]));
  add('reason', longText(draft.reason, MOST_REASON, 'commands.need.reason'));
  add('minutes', numberFault('minutes', draft.minutes));
  return faults;
}

/** Of a draft without faults. */
export function planOf(draft: Draft, vehicle: number): CommandPlan {
  return {
    vehicle_id: vehicle,
    command: orderOf(draft),
    reason: draft.reason.trim(),
    valid_min: wholeIn(draft.minutes) ?? 0,
  };
}

function orderOf({ kind, text, seconds, kmh }: Draft): Order {
  switch (kind) {
    case 'locate':
      return { kind };
    case 'text':
      return { kind, text: text.trim() };
    case 'interval':
      return { kind, seconds: wholeIn(seconds) ?? 0 };
    case 'speed_limit':
      return { kind, kmh: wholeIn(kmh) ?? 0 };
  }
}

function textFault(text: string): Fault | null {
  if (/\p{Cc}/u.test(text.trim())) return { key: 'commands.noControl' };
  return longText(text, MOST_TEXT, 'commands.need.text');
}

function longText(text: string, most: number, missing: MessageKey): Fault | null {
  const length = lengthOf(text.trim());
  if (length > most) return { key: 'commands.tooLong', params: { most } };
  return length === 0 ? { key: missing } : null;
}

function numberFault(name: Numbered, text: string): Fault | null {
  const value = wholeIn(text);
  const { least, most } = RANGES[name];
  if (value !== null && value >= least && value <= most) return null;
  return { key: 'commands.need.range', params: { least, most } };
}

/** Digits of full width are digits. */
function wholeIn(text: string): number | null {
  const plain = text.normalize('NFKC').trim();
  return /^\d{1,6}$/.test(plain) ? Number(plain) : null;
}

/** Standards: every limit of a rule, with the days on which it holds and the document it comes from. */
import { call } from './client';
import type { Bilingual } from './types';

export type Evidence = 'checked' | 'recalled' | 'doubtful';

type Decimal = string | number;

/** The same for every number; points (x, value), straight between them; or rates from x on. */
export type StandardValue =
  | { limit: Decimal }
  | { line: [Decimal, Decimal][] }
  | { tiers: [Decimal, Decimal][] };

/** A word of the register: a level or a rank. */
export interface Term extends Bilingual {
  code: string;
}

export interface StandardAct {
  at: string;
  actor: string;
  /** `added`, `ended`, `confirmed`. */
  act: string;
  note: string | null;
}

export interface StandardLine {
  standard_param_id: number;
  /** `CN`, or a code of GB/T 2260. */
  jurisdiction: string;
  /** Null for all. */
  level: Term | null;
  /** The rank of a post or the form of a building; null for all. */
  rank: Term | null;
  value: StandardValue;
  /** First and last day; null where nobody knows, or where it goes on. */
  valid_from: string | null;
  valid_to: string | null;
  is_in_force: boolean;
  evidence: Evidence;
  is_enforced: boolean;
  checked_on: string | null;
  document: string;
  clause: string;
  note: string | null;
  history?: StandardAct[];
}

export interface StandardSet {
  code: string;
  title: Bilingual;
  unit: Bilingual;
  bound: 'most' | 'least';
  items: StandardLine[];
}

export interface NewEdition {
  code: string;
  jurisdiction: string;
  /** `*` for all, as for ranks. */
  level: string;
  rank: string;
  value: StandardValue;
  valid_from: string;
  document: string;
  clause: string;
  evidence: Evidence;
  loosens: boolean;
  note: string | null;
}

/** As they are in force on a day; today without one. */
export const listStandards = async (
  at: string | undefined,
  signal?: AbortSignal,
): Promise<StandardSet[]> =>
  (await call<{ sets: StandardSet[] }>('/standards', { query: { at }, signal })).sets;

/** Ends the edition before it. */
export const addEdition = (body: NewEdition): Promise<unknown> =>
  call('/standards', { method: 'POST', body });

export const confirmStandard = (id: number, note: string): Promise<unknown> =>
  call(`/standards/${id}/confirm`, { method: 'POST', body: { note } });

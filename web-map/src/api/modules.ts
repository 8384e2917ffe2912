/** The business modules: which there are, and the definition that everything about a kind of document follows from. */
import { call } from './client';
import type { Bilingual, Figure } from './types';

export type FieldType =
  | 'text'
  | 'long_text'
  | 'choice'
  | 'integer'
  | 'decimal'
  | 'money'
  | 'area'
  | 'date'
  | 'moment'
  | 'boolean'
  | 'org'
  | 'person'
  | 'feature'
  | 'document';

export interface Field {
  name: string;
  title: Bilingual;
  type: FieldType;
  need: 'required' | 'optional';
  /** May be filtered and sorted by. */
  listed: boolean;
  /** Filled in by the server. */
  derived: boolean;
  help?: Bilingual | null;
  personal?: string | null;
  max_chars?: number | null;
  options?: { value: string; title: Bilingual }[] | null;
  min?: string | number | null;
  max?: string | number | null;
  scale?: number | null;
  unit?: Bilingual | null;
  feature_kinds?: string[] | null;
  document_kind?: string | null;
}

export type Phase = 'draft' | 'open' | 'done';
export type Tone = 'neutral' | 'active' | 'good' | 'warn' | 'bad';

export interface State {
  name: string;
  title: Bilingual;
  phase: Phase;
  tone: Tone;
}

export interface KindAction {
  name: string;
  title: Bilingual;
  from: string[];
  to: string;
  patch: Field[];
  note: string | null;
  plan: string | null;
  by_plan: boolean;
  tone: 'primary' | 'plain' | 'danger';
}

export type StepMode = 'all' | 'any' | 'sequence' | { ratio: number };

export interface Plan {
  name: string;
  title: Bilingual;
  steps: { name: string; title: Bilingual; mode: StepMode; chosen: boolean }[];
}

export interface Lines {
  title: Bilingual;
  least: number;
  most: number;
  fields: Field[];
}

export interface Kind {
  kind: string;
  module: string;
  version: number;
  title: Bilingual;
  links: { least: number; most: number; kinds: string[] };
  fields: Field[];
  lines: Lines | null;
  states: State[];
  actions: KindAction[];
  plans: Plan[];
  views: {
    list: string[];
    calendar: { start: string; end: string | null } | null;
    board: boolean;
  };
}

export interface ModuleKind {
  kind: string;
  title: Bilingual;
  total: number;
  open: number;
  may_create: boolean;
}

export interface BusinessModule {
  id: string;
  title: Bilingual;
  kinds: ModuleKind[];
  themes: string[];
  figures: Figure[];
}

export interface BusinessSystem {
  id: string;
  title: Bilingual;
  modules: BusinessModule[];
}

export const listSystems = async (signal?: AbortSignal): Promise<BusinessSystem[]> =>
  (await call<{ systems: BusinessSystem[] }>('/modules', { signal })).systems;

export const getKind = (kind: string, signal?: AbortSignal): Promise<Kind> =>
  call(`/modules/kinds/${encodeURIComponent(kind)}`, { signal });

/** A new row of a standard as it is typed, what is wrong with it, and as it is sent. */
import type { Evidence, NewEdition, StandardSet, StandardValue, Term } from '../api/standards';
import type { MessageKey } from '../i18n';
import { readDay } from '../ui/read-day';

export type Form = 'limit' | 'line' | 'tiers';

export interface EditionDraft {
  /** Empty: the whole country. */
  jurisdiction: string;
  level: string;
  rank: string;
  form: Form;
  limit: string;
  points: { x: string; y: string }[];
  validFrom: string;
  document: string;
  clause: string;
  evidence: Evidence;
  loosens: boolean;
  note: string;
}

export const ALL = '*';
const COUNTRY = 'CN';

/** As the newest row of the set has it. */
export function emptyEdition(set: StandardSet): EditionDraft {
  const example = set.items[0];
  const form = example ? formOf(example.value) : 'limit';
  const count = example ? pointsOf(example.value).length : 0;
  const points = Array.from({ length: Math.max(2, count) }, (_, index) => ({
    x: form === 'tiers' && index === 0 ? '0' : '',
    y: '',
  }));
  return {
    jurisdiction: '',
    level: example?.level?.code ?? ALL,
    rank: example?.rank?.code ?? ALL,
    form,
    limit: '',
    points,
    validFrom: '',
    document: '',
    clause: '',
    evidence: 'recalled',
    loosens: false,
    note: '',
  };
}

/** By the field they are about, in the names of the server. */
export type Faults = Partial<Record<string, MessageKey>>;

export function faultsOf(draft: EditionDraft): Faults {
  const faults: Faults = {};
  const region = draft.jurisdiction.trim();
  if (region && region !== COUNTRY && !/^\d{6}$/.test(region)) {
    faults.jurisdiction = 'standards.needRegion';
  }
  const value = valueFault(draft);
  if (value) faults.value = value;
  if (!readDay(draft.validFrom)) faults.valid_from = 'standards.needDay';
  if (!draft.document.trim()) faults.document = 'standards.needText';
  return faults;
}

export function editionOf(code: string, draft: EditionDraft): NewEdition {
  return {
    code,
    jurisdiction: draft.jurisdiction.trim() || COUNTRY,
    level: draft.level,
    rank: draft.rank,
    value: standardValue(draft),
    valid_from: readDay(draft.validFrom) ?? draft.validFrom,
    document: draft.document.trim(),
    clause: draft.clause.trim(),
    evidence: draft.evidence,
    loosens: draft.loosens,
    note: draft.note.trim() || null,
  };
}

/** The words that a set or its siblings use, each once. */
export function termsOf(
  sets: readonly StandardSet[],
  which: 'level' | 'rank',
  level: string = ALL,
): Term[] {
  const found = new Map<string, Term>();
  for (const line of sets.flatMap(({ items }) => items)) {
    const term = line[which];
    const fits =
      which === 'level' || level === ALL || line.level === null || line.level.code === level;
    if (term && fits) found.set(term.code, term);
  }
  return [...found.values()];
}

function valueFault({ form, limit, points }: EditionDraft): MessageKey | null {
  if (form === 'limit') return isAmount(limit) ? null : 'standards.needNumber';
  if (points.some(({ x, y }) => !isAmount(x) || !isAmount(y))) return 'standards.needNumber';
  const xs = points.map(({ x }) => Number(plain(x)));
  if (form === 'tiers' && xs[0] !== 0) return 'standards.needZero';
  const rises = xs.every((x, index) => index === 0 || x > (xs[index - 1] ?? 0));
  return rises ? null : 'standards.needRising';
}

function standardValue({ form, limit, points }: EditionDraft): StandardValue {
  if (form === 'limit') return { limit: plain(limit) };
  const pairs = points.map(({ x, y }): [string, string] => [plain(x), plain(y)]);
  return form === 'line' ? { line: pairs } : { tiers: pairs };
}

function formOf(value: StandardValue): Form {
  if ('limit' in value) return 'limit';
  return 'line' in value ? 'line' : 'tiers';
}

function pointsOf(value: StandardValue): unknown[] {
  if ('limit' in value) return [];
  return 'line' in value ? value.line : value.tiers;
}

const plain = (text: string) => text.normalize('NFKC').trim();
const isAmount = (text: string) => /^\d{1,9}(\.\d{1,6})?$/.test(plain(text));

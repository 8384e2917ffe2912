/** What of a kind is listed, and how: all of it stands in the address, so that it can be shared and saved. Pure. */
import type { DocumentQuery, FilterTerm } from '../../api/documents';
import type { Field, Kind, Phase } from '../../api/modules';

export type ListView = 'list' | 'board' | 'calendar';

/** As text, as somebody typed or chose it. */
export type FieldFilter =
  | { by: 'in'; values: string[] }
  | { by: 'range'; min: string; max: string }
  | { by: 'contains'; text: string }
  | { by: 'is'; value: string };

export interface ListState {
  q: string;
  state: string | null;
  phase: Phase | null;
  feature: number | null;
  sort: string | null;
  view: ListView;
  /** Of the calendar: `2026-11`; null is this month. */
  month: string | null;
  fields: Record<string, FieldFilter>;
}

const PHASES: readonly Phase[] = ['draft', 'open', 'done'];
/** Sorted by without being fields of the kind. */
const BUILT_IN = ['number', 'title', 'state', 'created_at', 'updated_at'];

export function emptyList(): ListState {
  return {
    q: '',
    state: null,
    phase: null,
    feature: null,
    sort: null,
    view: 'list',
    month: null,
    fields: {},
  };
}

export function filterOf(field: Field): FieldFilter['by'] | null {
  if (!field.listed) return null;
  switch (field.type) {
    case 'choice':
      return 'in';
    case 'integer':
    case 'decimal':
    case 'money':
    case 'area':
    case 'date':
    case 'moment':
      return 'range';
    case 'text':
    case 'long_text':
      return 'contains';
    case 'org':
    case 'person':
    case 'boolean':
      return 'is';
    default:
      return null;
  }
}

/** Anything may stand in an address: what the kind does not know is left out. */
export function decodeList(query: Record<string, unknown>, kind: Kind): ListState {
  const text = (key: string) => (typeof query[key] === 'string' ? query[key] : '');
  const list = emptyList();
  list.q = text('q').trim();
  list.state = kind.states.some(({ name }) => name === text('state')) ? text('state') : null;
  list.phase = PHASES.find((phase) => phase === text('phase')) ?? null;
  list.feature = /^\d{1,16}$/.test(text('feature')) ? Number(text('feature')) : null;
  list.sort = sortable(kind).has(text('sort').replace(/^-/, '')) ? text('sort') : null;
  if (text('view') === 'board' && kind.views.board) list.view = 'board';
  if (text('view') === 'calendar' && kind.views.calendar) list.view = 'calendar';
  list.month = /^\d{4}-(0[1-9]|1[0-2])$/.test(text('month')) ? text('month') : null;
  for (const field of kind.fields) {
    const filter = decodeFilter(filterOf(field), text(`f.${field.name}`));
    if (filter) list.fields[field.name] = filter;
  }
  return list;
}

export function encodeList(list: ListState): Record<string, string> {
  const query: Record<string, string> = {};
  if (list.view !== 'list') query.view = list.view;
  if (list.month) query.month = list.month;
  if (list.q) query.q = list.q;
  if (list.phase) query.phase = list.phase;
  if (list.state) query.state = list.state;
  if (list.feature !== null) query.feature = String(list.feature);
  for (const [name, filter] of Object.entries(list.fields)) {
    const text = encodeFilter(filter);
    if (text) query[`f.${name}`] = text;
  }
  if (list.sort) query.sort = list.sort;
  return query;
}

/** The question to the server. */
export function questionOf(list: ListState, kind: Kind): DocumentQuery {
  return {
    kind: kind.kind,
    state: list.state ?? undefined,
    phase: list.phase ?? undefined,
    feature: list.feature ?? undefined,
    q: list.q || undefined,
    filter: kind.fields.flatMap((field) => termsOf(field, list.fields[field.name])),
    sort: list.sort ?? undefined,
  };
}

export function sortable(kind: Kind): Set<string> {
  const listed = kind.fields.filter((field) => field.listed).map(({ name }) => name);
  return new Set([...BUILT_IN, ...listed]);
}

/** A heading steps from ascending to descending to the order of the server. */
export function nextSort(sort: string | null, column: string): string | null {
  if (sort === column) return `-${column}`;
  return sort === `-${column}` ? null : column;
}

export function isFiltered(list: ListState): boolean {
  const { q, state, phase, feature, fields } = list;
  return q !== '' || state !== null || phase !== null || feature !== null || hasAny(fields);
}

const hasAny = (fields: object) => Object.keys(fields).length > 0;

function decodeFilter(by: FieldFilter['by'] | null, text: string): FieldFilter | null {
  if (!by || !text) return null;
  switch (by) {
    case 'in':
      return { by, values: text.split(',').filter(Boolean) };
    case 'range': {
      const [min = '', max = ''] = text.split('..');
      return min || max ? { by, min, max } : null;
    }
    case 'contains':
      return { by, text };
    case 'is':
      return { by, value: text };
  }
}

function encodeFilter(filter: FieldFilter): string {
  switch (filter.by) {
    case 'in':
      return filter.values.join(',');
    case 'range':
      return filter.min || filter.max ? `${filter.min}..${filter.max}` : '';
    case 'contains':
      return filter.text.trim();
    case 'is':
      return filter.value;
  }
}

function termsOf(field: Field, filter: FieldFilter | undefined): FilterTerm[] {
  if (!filter) return [];
  const typed = (text: string): unknown => {
    if (field.type === 'boolean') return text === 'true';
    return field.type === 'integer' || field.type === 'org' || field.type === 'person'
      ? Number(text)
      : text;
  };
  const term = (op: FilterTerm['op'], value: unknown): FilterTerm => ({
    field: field.name,
    op,
    value,
  });
  switch (filter.by) {
    case 'in':
      return filter.values.length === 1
        ? [term('eq', filter.values[0])]
        : [term('in', filter.values)];
    case 'range':
      return [
        ...(filter.min ? [term('ge', typed(filter.min))] : []),
        ...(filter.max ? [term('le', typed(filter.max))] : []),
      ];
    case 'contains':
      return [term('contains', filter.text)];
    case 'is':
      return [term('eq', typed(filter.value))];
  }
}

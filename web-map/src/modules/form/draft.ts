/** What a form holds while it is filled in, and the body it becomes. Pure: words come from outside. */
import type { DocumentLink, Line } from '../../api/documents';
import type { Field, Kind } from '../../api/modules';
import { isBlank, isNumeric } from '../value-text';

/** Texts as typed, ids as numbers, yes and no as they are; null where nothing is. */
export type Values = Record<string, unknown>;

export interface LineDraft {
  /** Keeps a row's inputs with it while others come and go. */
  key: number;
  values: Values;
}

export interface Draft {
  title: string;
  values: Values;
  lines: LineDraft[];
  places: DocumentLink[];
}

export interface Payload {
  title?: string;
  body: Record<string, unknown>;
  lines?: Line[];
  feature_ids: number[];
}

let lastKey = 0;

export function newLine(fields: readonly Field[], from: Values = {}): LineDraft {
  lastKey += 1;
  return { key: lastKey, values: valuesOf(fields, from) };
}

export const written = (fields: readonly Field[]): Field[] =>
  fields.filter((field) => !field.derived);

export function valuesOf(fields: readonly Field[], body: Record<string, unknown>): Values {
  return Object.fromEntries(
    written(fields).map((field) => {
      const value = body[field.name] ?? null;
      if (field.type === 'boolean') return [field.name, value === true];
      return [field.name, isNumeric(field) && value !== null ? String(value) : value];
    }),
  );
}

/** A new form has as many rows as it needs at least. */
export function emptyDraft({ fields, lines }: Kind): Draft {
  const least = lines ? Math.max(lines.least, 1) : 0;
  return {
    title: '',
    values: valuesOf(fields, {}),
    lines: Array.from({ length: least }, () => newLine(lines?.fields ?? [])),
    places: [],
  };
}

/** What an address says about the fields of a new form; what cannot be their value is left out. */
export function prefilled(fields: readonly Field[], query: Record<string, unknown>): Values {
  const values: Values = {};
  for (const field of written(fields)) {
    const text = query[field.name];
    if (typeof text !== 'string' || text === '') continue;
    const value = valueIn(field, text);
    if (value !== null) values[field.name] = value;
  }
  return values;
}

function valueIn(field: Field, text: string): unknown {
  switch (field.type) {
    case 'text':
    case 'long_text':
      return text.slice(0, field.max_chars ?? undefined);
    case 'choice':
      return field.options?.some(({ value }) => value === text) ? text : null;
    case 'date':
      return /^\d{4}-\d\d-\d\d$/.test(text) ? text : null;
    case 'moment':
      return isMoment(text) ? text : null;
    case 'boolean':
      return text === 'true' ? true : null;
    case 'org':
    case 'person':
    case 'feature':
    case 'document':
      return /^[1-9]\d{0,15}$/.test(text) ? Number(text) : null;
    default:
      return /^-?\d+(\.\d+)?$/.test(text) ? text : null;
  }
}

export function draftOf(
  kind: Kind,
  document: { title: string; body: Values; lines?: Line[]; links: DocumentLink[] },
): Draft {
  const lineFields = kind.lines?.fields ?? [];
  return {
    title: document.title,
    values: valuesOf(kind.fields, document.body),
    lines: kind.lines ? (document.lines ?? []).map((line) => newLine(lineFields, line)) : [],
    places: [...document.links],
  };
}

/** What is sent of some fields: nothing of what is blank. */
export function bodyOf(fields: readonly Field[], values: Values): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const field of written(fields)) {
    const value =
      typeof values[field.name] === 'string' ? trimmed(values[field.name]) : values[field.name];
    if (isBlank(value)) continue;
    if (isNumeric(field)) {
      const text = plainNumber(String(value));
      body[field.name] = field.type === 'integer' && /^-?\d+$/.test(text) ? Number(text) : text;
    } else {
      body[field.name] = value;
    }
  }
  return body;
}

export function payloadOf(kind: Kind, draft: Draft): Payload {
  const payload: Payload = {
    body: bodyOf(kind.fields, draft.values),
    feature_ids: draft.places.map(({ feature_id }) => feature_id),
  };
  if (draft.title.trim()) payload.title = draft.title.trim();
  if (kind.lines) {
    const { fields } = kind.lines;
    payload.lines = filled(draft).map(({ values }) => bodyOf(fields, values));
  }
  return payload;
}

/** Whether personal fields came masked (张*): saved again, the stars would be what is on file. */
export function hasMasked(kind: Kind, { values, lines }: Draft): boolean {
  const stars = (fields: readonly Field[], some: Values) =>
    fields.some(({ personal, name }) => personal && String(some[name] ?? '').includes('*'));
  return (
    stars(kind.fields, values) || lines.some((line) => stars(kind.lines?.fields ?? [], line.values))
  );
}

/** A minute by the clock of the city, as the server reads it. */
export function isMoment(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d\+08:00$/.test(text) && !Number.isNaN(Date.parse(text));
}

/** Rows in which nothing stands are no rows. */
export function filled({ lines }: Draft): LineDraft[] {
  return lines.filter(({ values }) => !isEmptyRow(values));
}

export function isEmptyRow(values: Values): boolean {
  return Object.values(values).every((value) => isBlank(value) || value === false);
}

/** 1,234.5 and full-width digits are what people type and paste. */
export function plainNumber(text: string): string {
  return text.normalize('NFKC').replace(/[,\s\u00a0]/g, '');
}

function trimmed(value: unknown): string {
  return String(value).trim();
}

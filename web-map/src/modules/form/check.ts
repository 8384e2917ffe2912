/** What is plain to see before the server is asked, by the path the server would name. It judges again, and more. */
import type { Field, Kind } from '../../api/modules';
import { nameOf, t } from '../../i18n';
import { isBlank, isNumeric } from '../value-text';
import {
  type Draft,
  filled,
  isEmptyRow,
  isMoment,
  plainNumber,
  type Values,
  written,
} from './draft';

export type Faults = Record<string, string>;

export function checkDraft(kind: Kind, draft: Draft): Faults {
  const faults = checkValues(kind.fields, draft.values, 'body');
  const { least, most } = kind.links;
  if (draft.places.length < least) faults.feature_ids = t('check.places', { n: least });
  if (draft.places.length > most) faults.feature_ids = t('check.placesMost', { n: most });
  if (kind.lines) {
    const rows = filled(draft);
    if (rows.length < kind.lines.least) faults.lines = t('check.lines', { n: kind.lines.least });
    if (rows.length > kind.lines.most) faults.lines = t('check.linesMost', { n: kind.lines.most });
    for (const [at, { values }] of rows.entries()) {
      Object.assign(faults, checkValues(kind.lines.fields, values, `lines.${at}`));
    }
  }
  return faults;
}

export function checkValues(fields: readonly Field[], values: Values, prefix: string): Faults {
  const faults: Faults = {};
  for (const field of written(fields)) {
    const fault = checkValue(field, values[field.name]);
    if (fault) faults[`${prefix}.${field.name}`] = fault;
  }
  return faults;
}

export function checkValue(field: Field, raw: unknown): string {
  const value = typeof raw === 'string' ? raw.trim() : raw;
  if (isBlank(value)) {
    if (field.need !== 'required') return '';
    return t(isChosen(field) ? 'check.choose' : 'check.required', { title: nameOf(field.title) });
  }
  if (isNumeric(field)) return checkNumber(field, plainNumber(String(value)));
  if (field.type === 'date') return checkDate(field, String(value));
  if (field.type === 'moment') return isMoment(String(value)) ? '' : t('check.moment');
  const most = field.max_chars;
  if (most && typeof value === 'string' && [...value].length > most) {
    return t('check.chars', { n: most, now: [...value].length });
  }
  return '';
}

/** Which row of the sent ones a row of the form is: blank rows are not sent. Null for those. */
export function sentIndex(draft: Draft, at: number): number | null {
  const row = draft.lines[at];
  if (!row || isEmptyRow(row.values)) return null;
  return draft.lines.slice(0, at).filter(({ values }) => !isEmptyRow(values)).length;
}

function isChosen({ type }: Field): boolean {
  return ['choice', 'org', 'person', 'feature', 'document'].includes(type);
}

function checkNumber(field: Field, text: string): string {
  if (!/^-?\d+(\.\d+)?$/.test(text)) return t('check.number');
  const scale = field.type === 'integer' ? 0 : (field.scale ?? 2);
  if ((text.split('.')[1]?.length ?? 0) > scale) {
    return scale === 0 ? t('check.whole') : t('check.scale', { n: scale });
  }
  const value = Number(text);
  if (!isBlank(field.min) && value < Number(field.min))
    return t('check.least', { least: String(field.min) });
  if (!isBlank(field.max) && value > Number(field.max))
    return t('check.most', { most: String(field.max) });
  return '';
}

function checkDate(field: Field, text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return t('check.date');
  if (!isBlank(field.min) && text < String(field.min))
    return t('check.notBefore', { date: String(field.min) });
  if (!isBlank(field.max) && text > String(field.max))
    return t('check.notAfter', { date: String(field.max) });
  return '';
}

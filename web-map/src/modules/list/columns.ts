/** The columns of a list, as the definition names them. */
import type { Document } from '../../api/documents';
import type { Field, Kind } from '../../api/modules';
import { nameOf, t } from '../../i18n';
import { formatTime } from '../../ui/format';
import { fullText, headingOf, isNumeric, valueText } from '../value-text';
import { sortable } from './list-query';

export interface Column {
  name: string;
  title: string;
  /** Null: takes what the others leave. */
  widthPx: number | null;
  isNumber: boolean;
  isSortable: boolean;
  text: (document: Document) => string;
  /** Where no heading stands above it: with its unit. */
  alone: (document: Document) => string;
}

/** What a card shows by itself, or has no room for. */
const ON_CARDS = new Set([
  'number',
  'title',
  'state',
  'created_at',
  'updated_at',
  'places',
  'links',
]);

export const factsOf = (columns: readonly Column[]): Column[] =>
  columns.filter(({ name }) => !ON_CARDS.has(name));

const WIDTHS: Record<Field['type'], number> = {
  text: 150,
  long_text: 220,
  choice: 116,
  integer: 92,
  decimal: 104,
  money: 124,
  area: 110,
  date: 112,
  moment: 148,
  boolean: 76,
  org: 160,
  person: 100,
  feature: 160,
  document: 150,
};

export function columnsOf(kind: Kind): Column[] {
  const mayBeSorted = sortable(kind);
  const fields = new Map(kind.fields.map((field) => [field.name, field]));
  return kind.views.list.flatMap((name) => {
    const column = builtIn(name) ?? columnOf(fields.get(name));
    return column ? [{ ...column, name, isSortable: mayBeSorted.has(name) }] : [];
  });
}

type Draft = Omit<Column, 'name' | 'isSortable'>;

function builtIn(name: string): Draft | null {
  switch (name) {
    case 'number':
      return text(t('column.number'), 150, ({ number }) => number ?? t('document.draft'));
    case 'title':
      return text(t('column.title'), null, ({ title }) => title);
    case 'state':
      return text(t('column.state'), 100, ({ state_title }) => nameOf(state_title));
    case 'places':
    case 'links':
      return text(t('column.places'), 170, ({ links }) => namesOf(links));
    case 'created_at':
      return text(t('column.created'), 148, ({ created_at }) => formatTime(created_at));
    case 'updated_at':
      return text(t('column.updated'), 148, ({ updated_at }) => formatTime(updated_at));
    default:
      return null;
  }
}

const namesOf = (links: Document['links']) => links.map(({ name }) => name).join(t('list.comma'));

function text(title: string, widthPx: number | null, of: Column['text']): Draft {
  return { title, widthPx, isNumber: false, text: of, alone: of };
}

function columnOf(field: Field | undefined): Draft | null {
  if (!field) return null;
  return {
    title: headingOf(field),
    widthPx: Math.max(WIDTHS[field.type], headingPx(headingOf(field))),
    isNumber: isNumeric(field),
    text: ({ body, refs }) => valueText(field, body[field.name], refs),
    alone: ({ body, refs }) => fullText(field, body[field.name], refs),
  };
}

/** A heading is not cut: Chinese signs are as wide as they are high, and the mark of the order stands beside them. */
function headingPx(title: string): number {
  const signs = [...title].reduce((sum, sign) => sum + (sign > '\u2e80' ? 13 : 7.5), 0);
  return Math.ceil(signs) + 38;
}

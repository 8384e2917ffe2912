/** How a value of a field reads. Names of what an id points to come with the document (`refs`). */
import type { Refs } from '../api/documents';
import type { Field } from '../api/modules';
import { lang, nameOf, t } from '../i18n';

export type Names = Partial<Refs> | undefined;

/** Empty where nothing is on file. */
export function valueText(field: Field, value: unknown, refs?: Names): string {
  if (isBlank(value)) return '';
  switch (field.type) {
    case 'choice': {
      const option = field.options?.find((one) => one.value === value);
      return option ? nameOf(option.title) : String(value);
    }
    case 'boolean':
      return t(value === true ? 'place.yes' : 'place.no');
    case 'integer':
      return numberText(value, 0);
    case 'decimal':
      return numberText(value, field.scale ?? 0);
    case 'money':
    case 'area':
      return numberText(value, 2);
    case 'date':
      return dateText(String(value));
    case 'moment':
      return momentText(String(value));
    case 'org':
      return refs?.orgs?.[String(value)] ?? t('value.org', { id: String(value) });
    case 'person':
      return refs?.people?.[String(value)] ?? t('value.person', { id: String(value) });
    case 'feature':
      return refs?.features?.[String(value)] ?? t('value.feature', { id: String(value) });
    case 'document':
      return refs?.documents?.[String(value)] ?? t('value.document', { id: String(value) });
    default:
      return String(value);
  }
}

/** With its unit, where it stands alone. */
export function fullText(field: Field, value: unknown, refs?: Names): string {
  const text = valueText(field, value, refs);
  const unit = unitOf(field);
  return text && unit ? `${text} ${unit}` : text;
}

export function unitOf(field: Field): string {
  if (field.unit) return nameOf(field.unit);
  if (field.type === 'area') return 'm²';
  return field.type === 'money' ? t('value.yuan') : '';
}

/** 面积（m²）: a heading of a column whose cells have no unit. */
export function headingOf(field: Field): string {
  const unit = unitOf(field);
  const title = nameOf(field.title);
  return unit ? t('value.withUnit', { title, unit }) : title;
}

export function isNumeric({ type }: Field): boolean {
  return type === 'integer' || type === 'decimal' || type === 'money' || type === 'area';
}

export function isBlank(value: unknown): boolean {
  return value === null || value === undefined || value === '';
}

/** 2026年11月25日 */
export function dateText(iso: string): string {
  const [year, month, day] = iso.split('-').map(Number);
  if (!year || !month || !day) return iso;
  const locale = lang() === 'zh' ? 'zh-CN' : 'en-GB';
  return new Intl.DateTimeFormat(locale, {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    timeZone: 'UTC',
  }).format(Date.UTC(year, month - 1, day));
}

/** 2026年11月25日 09:30: the clock of the city, wherever it is read. */
export function momentText(iso: string): string {
  const [day = '', time = ''] = iso.split('T');
  return /^\d{2}:\d{2}/.test(time) ? `${dateText(day)} ${time.slice(0, 5)}` : iso;
}

/** What changed may be of any field: what is neither a text nor a number is not shown as code. */
export function plainText(value: unknown): string {
  if (isBlank(value)) return '';
  if (typeof value === 'boolean') return t(value ? 'place.yes' : 'place.no');
  if (Array.isArray(value)) return value.map(plainText).filter(Boolean).join(t('list.comma'));
  if (typeof value === 'object') {
    const { zh, en, name } = value as Record<string, unknown>;
    if (typeof zh === 'string' && typeof en === 'string') return nameOf({ zh, en });
    return typeof name === 'string' ? name : '';
  }
  return String(value);
}

function numberText(value: unknown, digits: number): string {
  const text = String(value);
  if (!/^-?\d+(\.\d+)?$/.test(text)) return text;
  const locale = lang() === 'zh' ? 'zh-CN' : 'en-GB';
  const format = new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: Math.max(digits, 4),
  });
  // As text: yuan and square metres are exact, also beyond what a float holds.
  return format.format(text as `${number}`);
}

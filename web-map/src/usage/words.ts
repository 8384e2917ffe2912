/** Rows and figures in the reader's words. */
import type { UsageBy, UsageRow } from '../api/usage';
import { lang, t } from '../i18n';
import { formatNumber } from '../ui/format';

const locale = () => (lang() === 'zh' ? 'zh-CN' : 'en-GB');

/** What a row is about. */
export function nameOfRow(
  { key, label, org }: Pick<UsageRow, 'key' | 'label' | 'org'>,
  by: UsageBy,
) {
  switch (by) {
    case 'day':
      return key ? `${key} ${weekday(key)}` : '—';
    case 'month':
      return key ? monthText(key) : '—';
    case 'vehicle':
      return label ?? t('usage.vehicleNumber', { id: key ?? '—' });
    case 'driver':
      return label ?? key ?? t('usage.noDriver');
    case 'org':
      return org?.name ?? label ?? t('usage.noOrg');
  }
}

/** As short as the axis of a chart needs it: the year is in the heading. */
export const axisText = (key: string, by: 'day' | 'month'): string =>
  by === 'day' ? key.slice(5) : key;

export function shareText(share: number, digits = 0): string {
  return new Intl.NumberFormat(locale(), {
    style: 'percent',
    maximumFractionDigits: digits,
  }).format(share);
}

/** With its sign. */
export function deviationText(share: number): string {
  return new Intl.NumberFormat(locale(), {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
    signDisplay: 'exceptZero',
  }).format(share);
}

/** Always with so many digits, for columns. */
export function fixedText(value: number, digits: number): string {
  return new Intl.NumberFormat(locale(), {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
}

/** A large number needs no tenths. */
export const roundText = (value: number): string => formatNumber(value, value < 100 ? 1 : 0);

const weekday = (day: string): string =>
  new Intl.DateTimeFormat(locale(), { weekday: 'short', timeZone: 'UTC' }).format(Date.parse(day));

const monthText = (month: string): string =>
  new Intl.DateTimeFormat(locale(), { year: 'numeric', month: 'long', timeZone: 'UTC' }).format(
    Date.parse(`${month}-01`),
  );

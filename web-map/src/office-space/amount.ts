/** Square metres as the ledger writes them: decimals, as text. */
import type { Amount } from '../api/space';
import { lang } from '../i18n';
import { formatNumber } from '../ui/format';

export function num(amount: Amount | null | undefined): number {
  const value = Number(amount ?? 0);
  return Number.isFinite(value) ? value : 0;
}

/** Two places, as in a column: the ledger is exact, and so are the limits it is held against. */
export function m2(amount: Amount | null | undefined): string {
  const places = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return new Intl.NumberFormat(lang() === 'zh' ? 'zh-CN' : 'en-GB', places).format(num(amount));
}

/** On its own, without noughts that say nothing. */
export function m2Text(amount: Amount | null | undefined): string {
  return `${formatNumber(num(amount), 2)} m²`;
}

/** For files: plain digits, or nothing where nothing is known. */
export function plain(amount: Amount | null | undefined): string | null {
  return amount === null || amount === undefined ? null : String(amount);
}

/** 12.5%; what is not nothing never reads as 0%. */
export function shareText(part: number, whole: number): string {
  if (whole <= 0) return '—';
  const percent = (part / whole) * 100;
  return percent > 0 && percent < 0.1 ? '<0.1%' : `${formatNumber(percent, 1)}%`;
}

/** Numbers, areas and times in the reader's language. */
import { lang } from '../i18n';

const locale = () => (lang() === 'zh' ? 'zh-CN' : 'en-GB');

export function formatNumber(value: number, digits = 0): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);
}

/** Square metres; from a square kilometre on, square kilometres. */
export function formatArea(m2: number): string {
  if (m2 >= 1_000_000) return `${formatNumber(m2 / 1_000_000, 2)} km²`;
  return `${formatNumber(m2, m2 < 100 ? 1 : 0)} m²`;
}

export function formatTime(iso: string): string {
  return format(iso, MINUTE);
}

/** For logs, where the order within a minute matters. */
export function formatSecond(iso: string): string {
  return format(iso, { ...MINUTE, second: '2-digit' });
}

export function formatLonLat([lon, lat]: readonly [number, number]): string {
  return `${lon.toFixed(5)}, ${lat.toFixed(5)}`;
}

const MINUTE = {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
} as const;

function format(iso: string, parts: Intl.DateTimeFormatOptions): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  return new Intl.DateTimeFormat(locale(), parts).format(time);
}

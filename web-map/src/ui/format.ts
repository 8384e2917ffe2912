/** Numbers, areas and times in the reader's language. */
import { lang } from '../i18n';

const locale = () => (lang() === 'zh' ? 'zh-CN' : 'en-GB');

export function formatNumber(value: number, digits = 0): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);
}

/** As few digits as fit into a mark: from ten thousand on `1.2 万` and `1.2 亿`, or `12k` and `1.2M`. */
export function formatShort(count: number): string {
  const steps: [number, string, number][] =
    lang() === 'zh'
      ? [
          [100_000_000, '\u00a0亿', 1],
          [10_000, '\u00a0万', 1],
        ]
      : [
          [1_000_000, 'M', 1],
          [10_000, 'k', 0],
        ];
  const step = steps.find(([from]) => count >= from);
  if (step === undefined) return formatNumber(count);
  const [from, unit, digits] = step;
  return `${formatNumber(count / (unit === 'k' ? 1_000 : from), digits)}${unit}`;
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

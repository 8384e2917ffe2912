/** Amounts of evidence in words that a person would use. */
import { t } from '../i18n';
import { formatNumber } from '../ui/format';

const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

/** Metres; from a kilometre on, kilometres. */
export function distanceText(metres: number): string {
  if (metres < 1_000) return t('alarms.metres', { n: formatNumber(metres) });
  return t('alarms.kilometres', { n: formatNumber(metres / 1_000, 1) });
}

export const litresText = (litres: number): string =>
  t('alarms.litres', { n: formatNumber(litres, 1) });

/** The largest unit and the next: an alarm of three hours is not told in seconds. */
export function spanText(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1_000));
  const parts = [
    { key: 'alarms.wholeDays', n: Math.floor(s / DAY_S) },
    { key: 'alarms.hours', n: Math.floor((s % DAY_S) / HOUR_S) },
    { key: 'alarms.minutes', n: Math.floor((s % HOUR_S) / MINUTE_S) },
    { key: 'alarms.seconds', n: s % MINUTE_S },
  ] as const;
  const first = parts.findIndex(({ n }) => n > 0);
  if (first < 0) return t('alarms.seconds', { n: '0' });
  return parts
    .slice(first, first + 2)
    .filter(({ n }) => n > 0)
    .map(({ key, n }) => t(key, { n: String(n) }))
    .join(' ');
}

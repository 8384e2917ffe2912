/** Evidence as rows of a table: what was seen, and by which numbers it was judged. */
import type { AlarmEvidence, UsedLimit } from '../api/alarms';
import { type MessageKey, nameOf, t, zh } from '../i18n';
import { formatLonLat, formatNumber, formatSecond } from '../ui/format';
import { distanceText, litresText, spanText } from './amount';
import { placeIn, type Seen } from './seen';

export interface Fact {
  name: string;
  label: string;
  value: string;
}

const ORDER = Object.keys(zh).filter((key) => key.startsWith('alarms.fact.'));

function rank({ name }: Fact): number {
  const at = ORDER.indexOf(`alarms.fact.${name}`);
  return at < 0 ? ORDER.length : at;
}

export interface LimitRow extends Fact {
  from: string;
}

/** What has words of its own; what has none is told by its stable name. */
function word(prefix: string, name: string): string {
  const key = `${prefix}.${name}`;
  return key in zh ? t(key as MessageKey) : name;
}

/** In the order in which they have words: stored evidence has lost its own. What is empty is left out. */
export function factsOf({ seen }: AlarmEvidence): Fact[] {
  const { why, zh: chinese, en: english, ...plain } = seen;
  const facts: Fact[] = [];
  const add = (name: string, value: string | null) => {
    if (value) facts.push({ name, label: word('alarms.fact', name), value });
  };
  if (typeof chinese === 'string' && typeof english === 'string') {
    add('word', nameOf({ zh: chinese, en: english }));
  }
  for (const [name, value] of Object.entries(plain)) add(name, valueText(name, value));
  for (const [name, value] of Object.entries((why ?? {}) as Seen)) {
    add(name, valueText(name, value));
  }
  return facts.sort((one, other) => rank(one) - rank(other));
}

/** A limit that several rules have may mean something else in one of them. */
export function limitName(name: string): string {
  const own = word('alarms.limit', name);
  return own === name ? word('alarms.limit', name.slice(name.indexOf('.') + 1)) : own;
}

export const limitsOf = ({ thresholds }: AlarmEvidence): LimitRow[] =>
  thresholds.map(({ name, value, from }: UsedLimit) => ({
    name,
    label: limitName(name),
    value: amountText(name, value),
    from: word('alarms.from', from),
  }));

function valueText(name: string, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (name === 'sealed') return periodText(value);
  const place = placeIn(value);
  if (place) return formatLonLat(place);
  if (typeof value === 'number') return amountText(name, value);
  if (typeof value !== 'string') return JSON.stringify(value);
  if (name === 'kind' || name === 'hours') return word(`alarms.${name}`, value);
  return value;
}

function periodText(value: unknown): string | null {
  const { from_ms, to_ms } = (value ?? {}) as Seen;
  if (typeof from_ms !== 'number' || typeof to_ms !== 'number') return null;
  return t('alarms.period', { from: momentText(from_ms), to: momentText(to_ms) });
}

export const momentText = (ms: number): string => formatSecond(new Date(ms).toISOString());

/** The unit is at the end of the name. */
export function amountText(name: string, value: number): string {
  switch (/[^_.]+$/.exec(name)?.[0]) {
    case 'kmh':
      return `${formatNumber(value, 1)} km/h`;
    case 'metres':
    case 'm':
      return distanceText(value);
    case 'km':
      return distanceText(value * 1_000);
    case 'l':
    case 'litres':
      return litresText(value);
    case 'percent':
      return `${formatNumber(value, 1)}%`;
    case 's':
      return spanText(value * 1_000);
    case 'min':
      return spanText(value * 60_000);
    case 'ms':
      return name === 'stands_since_ms' ? momentText(value) : spanText(value);
    case 'hour':
      return t('alarms.oClock', { n: String(value) });
    case 'factor':
      return t('alarms.times', { n: formatNumber(value, 2) });
    case 'intervals':
      return t('alarms.intervals', { n: formatNumber(value, 1) });
    default:
      // Names of things, like the number of a fence: digits, not an amount.
      return String(value);
  }
}

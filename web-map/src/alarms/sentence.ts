/** What happened, in one sentence made from the evidence. */
import type { Alarm } from '../api/alarms';
import { nameOf, t } from '../i18n';
import { formatNumber } from '../ui/format';
import { distanceText, litresText, spanText } from './amount';
import { isOneOf, numberIn, type Seen } from './seen';

const FENCE_KINDS = ['enter', 'leave', 'inside', 'outside'] as const;

/** Evidence that says less than it should makes no sentence: then the name of the rule stands for it. */
export function sentenceOf(alarm: Alarm): string {
  const sentence = said(alarm) ?? (nameOf(alarm.title) || alarm.rule);
  const order = orderText(alarm);
  return order ? t('alarms.say.ofOrder', { said: sentence, order }) : sentence;
}

/** The legal number of the order that it is about, or what else people call it; empty where nobody may tell. */
export const orderText = ({ order }: Alarm): string => order?.number ?? order?.title ?? '';

function said(alarm: Alarm): string | null {
  const { seen } = alarm.evidence;
  switch (alarm.rule) {
    case 'emergency':
      return t('alarms.say.emergency');
    case 'speeding':
      return speeding(seen);
    case 'geofence':
      return geofence(alarm, limitOf(alarm, 'geofence.dwell_s'));
    case 'offline':
      return fill(seen, ['silent_ms', 'limit_ms'], (silent, limit) =>
        t('alarms.say.offline', { silent: spanText(silent), limit: spanText(limit) }),
      );
    case 'power_cut':
      return fill(seen, ['silent_ms'], (silent) =>
        t('alarms.say.powerCut', { silent: spanText(silent) }),
      );
    case 'device_fault':
    case 'terminal_alarm':
      return device(seen);
    case 'trip_without_order':
      return fill(seen, ['metres'], (metres) =>
        t('alarms.say.withoutOrder', { length: distanceText(metres) }),
      );
    case 'off_hours':
      return offHours(seen);
    case 'overnight_parking':
      return fill(seen, ['night_ms'], (night) =>
        t('alarms.say.overnight', { night: spanText(night) }),
      );
    case 'sealed_movement':
      return fill(seen, ['farthest_m'], (metres) =>
        t('alarms.say.sealed', { length: distanceText(metres) }),
      );
    case 'route_deviation':
      return fill(seen, ['farthest_m'], (metres) =>
        t('alarms.say.route', { length: distanceText(metres) }),
      );
    case 'over_mileage':
      return mileage(seen, limitOf(alarm, 'over_mileage.limit_km'));
    case 'refuel_misfit':
      return refuelling(seen);
    case 'fuel_drop':
      return fill(seen, ['from_l', 'to_l', 'drop_l'], (from, to, drop) =>
        t('alarms.say.fuelDrop', {
          from: litresText(from),
          to: litresText(to),
          drop: litresText(drop),
        }),
      );
    default:
      return null;
  }
}

const limitOf = ({ evidence }: Alarm, name: string): number | null =>
  evidence.thresholds.find((one) => one.name === name)?.value ?? null;

/** Null where one of the numbers is missing. */
function fill<const Names extends readonly string[]>(
  seen: Seen,
  names: Names,
  say: (...values: { [Index in keyof Names]: number }) => string,
): string | null {
  const values = names.map((name) => numberIn(seen, name));
  if (values.includes(null)) return null;
  return say(...(values as { [Index in keyof Names]: number }));
}

const speeding = (seen: Seen) =>
  fill(seen, ['peak_kmh', 'limit_at_peak_kmh', 'length_m'], (peak, limit, metres) =>
    t('alarms.say.speeding', {
      peak: formatNumber(peak),
      limit: formatNumber(limit),
      percent: formatNumber(limit > 0 ? (peak / limit - 1) * 100 : 0),
      length: distanceText(metres),
    }),
  );

/** By its name; a fence that the reader may not see has its number. */
function geofence({ evidence, fence }: Alarm, dwellS: number | null): string | null {
  const { seen } = evidence;
  const number = numberIn(seen, 'fence');
  if (number === null) return null;
  const say = fence ? 'alarms.sayNamed' : 'alarms.say';
  const called = { fence: fence?.name ?? String(number) };
  if (seen.kind === 'dwell' && dwellS !== null) {
    return t(`${say}.dwell`, { ...called, limit: spanText(dwellS * 1_000) });
  }
  return isOneOf(FENCE_KINDS, seen.kind) ? t(`${say}.${seen.kind}`, called) : null;
}

function device({ zh, en }: Seen): string | null {
  if (typeof zh !== 'string' || typeof en !== 'string') return null;
  return t('alarms.say.device', { what: nameOf({ zh, en }) });
}

function offHours(seen: Seen): string | null {
  const { hours } = (seen.why ?? {}) as Seen;
  const key = hours === 'day_off' ? 'alarms.say.dayOff' : 'alarms.say.afterHours';
  return fill(seen, ['metres'], (metres) => t(key, { length: distanceText(metres) }));
}

function mileage(seen: Seen, limitKm: number | null): string | null {
  if (limitKm === null) return null;
  return fill(seen, ['metres'], (metres) =>
    t('alarms.say.mileage', { limit: distanceText(limitKm * 1_000), length: distanceText(metres) }),
  );
}

function refuelling(seen: Seen): string | null {
  switch (seen.kind) {
    case 'level_above_capacity':
      return fill(seen, ['tank_l', 'level_l'], (tank, level) =>
        t('alarms.say.tankLevel', { tank: litresText(tank), level: litresText(level) }),
      );
    case 'more_than_room':
      return fill(seen, ['litres', 'room_l'], (litres, room) =>
        t('alarms.say.tankRoom', { litres: litresText(litres), room: litresText(room) }),
      );
    case 'not_in_the_tank':
      return fill(seen, ['litres', 'rise_l'], (litres, rise) =>
        t('alarms.say.tankMissing', { litres: litresText(litres), rise: litresText(rise) }),
      );
    default:
      return null;
  }
}

/** What the list shows, as an address and back. What is at its default is left out. */
import { ALARM_STATES, type AlarmLevel, type AlarmQuery, type AlarmState } from '../api/alarms';
import { beijingDay } from '../ui/beijing-day';
import { isOneOf } from './seen';

export const LEVELS = [1, 2, 3] as const;
export const STATE_CHOICES = ['pending', ...ALARM_STATES, 'all'] as const;
export const DAY_CHOICES = [1, 3, 7, 30] as const;

export interface AlarmFilter {
  /** Default: those that nobody has closed. */
  state: 'pending' | 'all' | AlarmState;
  rule: string | null;
  level: AlarmLevel | null;
  vehicle: number | null;
  /** So many days, today among them. */
  days: number | null;
}

const EMPTY: AlarmFilter = { state: 'pending', rule: null, level: null, vehicle: null, days: null };
const DAY_MS = 86_400_000;
const MOST_DAYS = 366;

export const emptyFilter = (): AlarmFilter => ({ ...EMPTY });

export const isFiltered = (filter: AlarmFilter): boolean =>
  JSON.stringify(encodeFilter(filter)) !== '{}';

export function encodeFilter(filter: AlarmFilter): Record<string, string> {
  const query: Record<string, string> = {};
  if (filter.state !== EMPTY.state) query.state = filter.state;
  if (filter.rule) query.rule = filter.rule;
  if (filter.level) query.level = String(filter.level);
  if (filter.vehicle) query.vehicle = String(filter.vehicle);
  if (filter.days) query.days = String(filter.days);
  return query;
}

/** Anything may stand in an address: what cannot be read falls back to its default. */
export function decodeFilter(query: Record<string, unknown>): AlarmFilter {
  const level = wholeNumber(query.level, 3);
  return {
    state: isOneOf(STATE_CHOICES, query.state) ? query.state : EMPTY.state,
    rule: typeof query.rule === 'string' && /^[a-z_]{1,40}$/.test(query.rule) ? query.rule : null,
    level: LEVELS.find((one) => one === level) ?? null,
    vehicle: wholeNumber(query.vehicle, Number.MAX_SAFE_INTEGER),
    days: wholeNumber(query.days, MOST_DAYS),
  };
}

/** The alarm whose panel is open. */
export const openAlarm = (query: Record<string, unknown>): number | null =>
  wholeNumber(query.alarm, Number.MAX_SAFE_INTEGER);

export function questionOf({ state, rule, level, vehicle, days }: AlarmFilter): AlarmQuery {
  const question: AlarmQuery = {};
  if (state === 'pending') question.pending = 'true';
  else if (state !== 'all') question.state = state;
  if (rule) question.rule = rule;
  if (level) question.level = level;
  if (vehicle) question.vehicle = vehicle;
  if (days) {
    const today = Date.parse(`${beijingDay()}T00:00:00+08:00`);
    question.from = new Date(today - (days - 1) * DAY_MS).toISOString();
  }
  return question;
}

function wholeNumber(text: unknown, most: number): number | null {
  if (typeof text !== 'string' || !/^\d{1,16}$/.test(text)) return null;
  const value = Number(text);
  return value >= 1 && value <= most ? value : null;
}

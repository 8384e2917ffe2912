/** What the list shows, as an address and back. What is at its default is left out. */
import { ALARM_STATES, type AlarmLevel, type AlarmQuery, type AlarmState } from '../api/alarms';
import { beijingDay } from '../ui/beijing-day';
import { readDay } from '../ui/read-day';
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
  /** Vehicles of this organisation and of those below it. */
  org: number | null;
  /** So many days, today among them. */
  days: number | null;
  /** From one day to another, both among them; instead of `days`. */
  period: { from: string; to: string } | null;
}

const EMPTY: AlarmFilter = {
  state: 'pending',
  rule: null,
  level: null,
  vehicle: null,
  org: null,
  days: null,
  period: null,
};
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
  if (filter.org) query.org = String(filter.org);
  if (filter.period) Object.assign(query, filter.period);
  else if (filter.days) query.days = String(filter.days);
  return query;
}

/** Anything may stand in an address: what cannot be read falls back to its default. */
export function decodeFilter(query: Record<string, unknown>): AlarmFilter {
  const level = wholeNumber(query.level, 3);
  const period = periodIn(query);
  return {
    state: isOneOf(STATE_CHOICES, query.state) ? query.state : EMPTY.state,
    rule: typeof query.rule === 'string' && /^[a-z_]{1,40}$/.test(query.rule) ? query.rule : null,
    level: LEVELS.find((one) => one === level) ?? null,
    vehicle: wholeNumber(query.vehicle, Number.MAX_SAFE_INTEGER),
    org: wholeNumber(query.org, Number.MAX_SAFE_INTEGER),
    days: period ? null : wholeNumber(query.days, MOST_DAYS),
    period,
  };
}

/** The alarm whose panel is open. */
export const openAlarm = (query: Record<string, unknown>): number | null =>
  wholeNumber(query.alarm, Number.MAX_SAFE_INTEGER);

export function questionOf(filter: AlarmFilter): AlarmQuery {
  const { state, rule, level, vehicle, org, days, period } = filter;
  const question: AlarmQuery = {};
  if (state === 'pending') question.pending = 'true';
  else if (state !== 'all') question.state = state;
  if (rule) question.rule = rule;
  if (level) question.level = level;
  if (vehicle) question.vehicle = vehicle;
  if (org) question.org = org;
  if (period) {
    question.from = begin(period.from, 0);
    question.to = begin(period.to, 1);
  } else if (days) question.from = begin(beijingDay(), 1 - days);
  return question;
}

/** When the day begins that is so many days later. */
const begin = (day: string, later: number): string =>
  new Date(Date.parse(`${day}T00:00:00+08:00`) + later * DAY_MS).toISOString();

function periodIn(query: Record<string, unknown>): AlarmFilter['period'] {
  const [from, to] = [query.from, query.to].map((day) =>
    typeof day === 'string' ? readDay(day) : null,
  );
  return from && to && from <= to ? { from, to } : null;
}

function wholeNumber(text: unknown, most: number): number | null {
  if (typeof text !== 'string' || !/^\d{1,16}$/.test(text)) return null;
  const value = Number(text);
  return value >= 1 && value <= most ? value : null;
}

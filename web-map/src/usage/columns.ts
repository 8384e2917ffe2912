/** The figures of the table: which stand there, what they are called, and how rows are ordered by them. */
import type { UsageBy, UsageFigures, UsageRow } from '../api/usage';
import type { MessageKey } from '../i18n';
import { t } from '../i18n';
import { alarmCount, consumption, deviation, excess, isDeviant, isExcessive } from './figures';
import { deviationText, fixedText, nameOfRow, shareText } from './words';

export interface Column {
  id: string;
  title: MessageKey;
  unit: string;
  hint: MessageKey | null;
  /** Null where it is not known: such rows stand at the end in every order. */
  value: (figures: UsageFigures) => number | null;
  text: (value: number) => string;
  /** What more there is to say of a figure. Default: nothing. */
  note?: (figures: UsageFigures) => string;
  /** What is suspicious about it. Default: nothing. */
  mark?: (figures: UsageFigures, days: number) => string;
}

/** The names of rows; a column of its own, as a link. */
export const NAME = 'name';
export const ORG = 'org';

export function columnsOf(by: UsageBy): Column[] {
  const all: Column[] = [
    column('vehicles', t('usage.unit.vehicles'), 0, ({ vehicles }) => vehicles),
    column('days', t('usage.unit.days'), 0, ({ days }) => days, 'usage.hint.days'),
    column('trips', t('usage.unit.trips'), 0, ({ trips }) => trips),
    column('distance', 'km', 1, ({ distance_km }) => distance_km),
    column('moving', t('usage.unit.hours'), 1, ({ moving_h }) => moving_h),
    column('trip_time', t('usage.unit.hours'), 1, ({ trip_h }) => trip_h, 'usage.hint.trip_time'),
    column('idle', t('usage.unit.hours'), 1, ({ idle_h }) => idle_h, 'usage.hint.idle'),
    column('max_speed', 'km/h', 0, ({ max_kmh }) => max_kmh),
    {
      ...column('odometer', 'km', 1, ({ odometer_km }) => odometer_km, 'usage.hint.odometer'),
      note: ({ odometer_trips, trips }) => told(odometer_trips, trips),
    },
    {
      ...column('deviation', '', 1, deviation, 'usage.hint.deviation'),
      text: deviationText,
      mark: (figures) =>
        isDeviant(figures)
          ? t('usage.markDeviation', { share: shareText(Math.abs(deviation(figures) ?? 0), 1) })
          : '',
    },
    {
      ...column('fuel', t('usage.unit.litres'), 1, ({ fuel_l }) => fuel_l, 'usage.hint.fuel'),
      note: ({ fuel_trips, trips }) => told(fuel_trips, trips),
    },
    column('consumption', t('usage.unit.litres'), 1, consumption, 'usage.hint.consumption'),
    {
      ...column('refuelled', t('usage.unit.litres'), 1, filledIn, 'usage.hint.refuelled'),
      note: ({ refuels }) => (refuels > 0 ? t('usage.refuels', { n: refuels }) : ''),
      mark: (figures, days) =>
        isExcessive(figures, days)
          ? t('usage.markExcess', { share: shareText(excess(figures, days) ?? 0) })
          : '',
    },
    column(
      'outside_trips',
      t('usage.unit.trips'),
      0,
      ({ outside_orders }) => outside_orders?.trips ?? null,
      'usage.hint.outside',
    ),
    column(
      'outside',
      'km',
      1,
      ({ outside_orders }) => outside_orders?.distance_km ?? null,
      'usage.hint.outside',
    ),
  ];
  const passed = PASSED[by];
  return all.filter(({ id }) => !passed.includes(id));
}

/** `sort` as it stands in the address; rows without a figure come last either way. */
export function sorted(rows: readonly UsageRow[], by: UsageBy, sort: string | null): UsageRow[] {
  const id = sort?.replace(/^-/, '') ?? '';
  const sign = sort?.startsWith('-') ? -1 : 1;
  if (id === NAME || id === ORG) {
    const name = (row: UsageRow) => (id === ORG ? (row.org?.name ?? '') : nameOfRow(row, by));
    return rows.toSorted((a, b) => sign * name(a).localeCompare(name(b), 'zh-CN'));
  }
  const value =
    id === 'alarms' ? alarmCount : columnsOf(by).find((column) => column.id === id)?.value;
  if (!value) return [...rows];
  return rows.toSorted((a, b) => {
    const [one, other] = [value(a), value(b)];
    if (one === null || other === null) return Number(one === null) - Number(other === null);
    return sign * (one - other);
  });
}

/** What says nothing: one vehicle is one, and on one day it drove on one. */
const PASSED: Record<UsageBy, string[]> = {
  day: ['days'],
  month: [],
  vehicle: ['vehicles'],
  driver: [],
  org: [],
};

const filledIn = ({ refuels, refuelled_l }: UsageFigures): number | null =>
  refuels > 0 || refuelled_l > 0 ? refuelled_l : null;

const told = (part: number, all: number): string =>
  part < all ? t('usage.of', { part, all }) : '';

function column(
  id: string,
  unit: string,
  digits: number,
  value: Column['value'],
  hint: MessageKey | null = null,
): Column {
  return {
    id,
    title: `usage.col.${id}` as MessageKey,
    unit,
    hint,
    value,
    text: (number) => fixedText(number, digits),
  };
}

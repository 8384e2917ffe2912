import { afterEach, expect, test } from 'vitest';
import { setLang, zh } from '../i18n';
import { columnsOf, sorted } from './columns';
import { figuresOf, rowOf } from './usage.fixture';
import { nameOfRow } from './words';

afterEach(() => setLang('zh'));

const named = (id: string) => {
  const column = columnsOf('month').find((one) => one.id === id);
  if (!column) throw new Error(`no column ${id}`);
  return column;
};

test('every column has a name', () => {
  for (const { title } of columnsOf('month')) expect(Object.keys(zh)).toContain(title);
});

test('a column that says nothing is left out', () => {
  expect(columnsOf('vehicle').map(({ id }) => id)).not.toContain('vehicles');
  expect(columnsOf('day').map(({ id }) => id)).not.toContain('days');
});

test('rows are ordered by a figure, and those without it come last either way', () => {
  const rows = [rowOf('1', { fuel_l: 5 }), rowOf('2', { fuel_l: null }), rowOf('3', { fuel_l: 9 })];
  const keys = (sort: string | null) => sorted(rows, 'vehicle', sort).map(({ key }) => key);
  expect(keys('-fuel')).toEqual(['3', '1', '2']);
  expect(keys('fuel')).toEqual(['1', '3', '2']);
  expect(keys(null)).toEqual(['1', '2', '3']);
  expect(keys('-nonsense')).toEqual(['1', '2', '3']);
});

test('names are ordered as they are read', () => {
  const rows = [rowOf('2', { label: '示B2' }), rowOf('1', { label: '示A1' })];
  expect(sorted(rows, 'vehicle', 'name').map(({ key }) => key)).toEqual(['1', '2']);
});

test('what is suspicious is said in words', () => {
  const wrong = figuresOf({ odometer_km: 560, refuelled_l: 75 });
  expect(named('deviation').mark?.(wrong, 30)).toBe('里程表与轨迹相差 12%，请核对里程表或终端');
  expect(named('refuelled').mark?.(wrong, 30)).toBe('加油量比消耗多 50%，请核对加油与用油记录');
  expect(named('deviation').mark?.(figuresOf(), 30)).toBe('');
  expect(named('refuelled').mark?.(figuresOf(), 30)).toBe('');
  expect(named('deviation').text(0.123)).toBe('+12.3%');
});

test('a figure of some of the trips says so', () => {
  expect(named('fuel').note?.(figuresOf())).toBe('30/31 次行程有读数');
  expect(named('odometer').note?.(figuresOf())).toBe('');
});

test('a row is called what it is about', () => {
  expect(nameOfRow(rowOf('2026-11-03'), 'day')).toBe('2026-11-03 周二');
  expect(nameOfRow(rowOf('2026-11'), 'month')).toBe('2026年11月');
  expect(nameOfRow(rowOf('7', { label: '示A12345' }), 'vehicle')).toBe('示A12345');
  expect(nameOfRow(rowOf('7'), 'vehicle')).toBe('车辆 7');
  expect(nameOfRow(rowOf(null), 'driver')).toBe('无派车单');
  expect(nameOfRow(rowOf(null), 'org')).toBe('未登记单位');
  setLang('en');
  expect(nameOfRow(rowOf('2026-11-03'), 'day')).toBe('2026-11-03 Tue');
  expect(nameOfRow(rowOf('2026-11'), 'month')).toBe('November 2026');
});

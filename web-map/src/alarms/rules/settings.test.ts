import { expect, test } from 'vitest';
import type { AlarmRule } from '../../api/alarms';
import type { Threshold } from '../../api/thresholds';
import { setLang } from '../../i18n';
import { isUnknown, settingsOf, undoOf, valueIn } from './settings';
import { numberName, settingText, unitText } from './words';

const rule = (code: string, numbers: Record<string, number> = {}): AlarmRule => ({
  code,
  title: { zh: code, en: code },
  level: 2,
  explained: '',
  thresholds: Object.entries(numbers).map(([name, usual]) => ({
    name: `${code}.${name}`,
    default: usual,
  })),
});
const set = (name: string, value: number, whose: Partial<Threshold> = {}): Threshold => ({
  name,
  value,
  org: null,
  vehicle: null,
  changed_by: 'dispatcher',
  changed_ms: 0,
  ...whose,
});
const org = { org_id: 7, name: '公安局' };
const vehicle = { feature_id: 9, plate: '澜A·00009', name: '轿车' };

test('a number is the one that is set for all, and else the usual one', () => {
  const sets = [set('speeding.limit_kmh', 100), set('speeding.limit_kmh', 80, { org })];
  const [speeding] = settingsOf([rule('speeding', { limit_kmh: 120, least_s: 10 })], sets);
  expect(speeding?.numbers.map(({ value, usual }) => [value, usual])).toEqual([
    [100, 120],
    [10, 10],
  ]);
  expect(speeding?.level.value).toBe(2);
  expect(speeding?.others.map(({ value }) => value)).toEqual([80]);
});

test('rules by orders are off until their level is set', () => {
  const rules = [rule('off_hours'), rule('offline')];
  expect(settingsOf(rules, []).map(({ level }) => level.value)).toEqual([0, 2]);
  const on = settingsOf(rules, [set('off_hours.level', 1)]);
  expect(on.map(({ level, isOffUntilSet }) => [level.value, isOffUntilSet])).toEqual([
    [1, true],
    [2, false],
  ]);
});

test('only a number that the server takes is sent', () => {
  expect(valueIn('speeding.limit_kmh', ' 80.5 ')).toBe(80.5);
  expect(valueIn('speeding.limit_kmh', '0')).toBe(0);
  for (const text of ['', '-1', '1e3', '八十', '1000001']) {
    expect(valueIn('speeding.limit_kmh', text), text).toBeNull();
  }
  expect(valueIn('overnight_parking.from_hour', '25')).toBeNull();
});

test('a step is undone by what was there before, of the same vehicles', () => {
  const sets = [
    set('speeding.limit_kmh', 100),
    set('speeding.limit_kmh', 80, { org }),
    set('speeding.limit_kmh', 60, { vehicle }),
  ];
  const plan = { name: 'speeding.limit_kmh', value: 90 };
  expect(undoOf(sets, plan).value).toBe(100);
  expect(undoOf(sets, { ...plan, org_id: 7 })).toEqual({ ...plan, org_id: 7, value: 80 });
  expect(undoOf(sets, { ...plan, value: null, vehicle_id: 9 }).value).toBe(60);
  expect(undoOf(sets, { ...plan, org_id: 8 }).value).toBeNull();
});

test('a tank of 0 litres is one that nobody knows', () => {
  setLang('zh');
  const name = 'refuel_misfit.tank_l';
  expect([numberName(name), unitText(name)]).toEqual(['油箱容积', '升']);
  expect(settingText(name, 0)).toBe('未知');
  expect(settingText(name, 62.5)).toBe('62.5 升');
  expect(isUnknown('refuel_misfit.missing_l', 0)).toBe(false);
});

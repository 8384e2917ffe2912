import { afterEach, expect, test } from 'vitest';
import { setLang } from '../i18n';
import { alarmOf } from './alarm.fixture';
import { factsOf, limitsOf } from './evidence';

afterEach(() => setLang('zh'));

const pairs = (seen: Record<string, unknown>) =>
  factsOf(alarmOf(1, { seen }).evidence).map(({ label, value }) => [label, value]);

test('what was seen is told with its unit', () => {
  expect(
    pairs({ length_m: 1_234, average_kmh: 133.3, limit_at_peak_kmh: 120, peak_kmh: 150 }),
  ).toEqual([
    ['最高速度', '150 km/h'],
    ['当时限速', '120 km/h'],
    ['平均速度', '133.3 km/h'],
    ['超速里程', '1.2 公里'],
  ]);
});

test('places, reasons and words of a terminal are told, what is empty is not', () => {
  const why = { hours: 'after', date: '2026-03-02' };
  expect(pairs({ metres: 812, from: { lon: 105.5, lat: 36.5 }, why, before_l: null })).toEqual([
    ['行驶里程', '812 米'],
    ['起点', '105.50000, 36.50000'],
    ['时段', '工作日下班时间'],
    ['日期', '2026-03-02'],
  ]);
  expect(pairs({ bit: 29, zh: '碰撞报警', en: 'collision' })).toEqual([
    ['终端所报', '碰撞报警'],
    ['报警位', '29'],
  ]);
  setLang('en');
  expect(pairs({ kind: 'not_in_the_tank', litres: 40 })).toEqual([
    ['Case', 'never reached the tank'],
    ['Paid for', '40 L'],
  ]);
});

test('a limit says what it is, how much, and who set it', () => {
  const thresholds = [
    { name: 'speeding.limit_kmh', value: 80, from: 'vehicle' },
    { name: 'speeding.least_s', value: 90, from: 'organisation' },
    { name: 'over_mileage.factor', value: 1.3, from: 'default' },
    { name: 'overnight_parking.from_hour', value: 22, from: 'default' },
    { name: 'geofence.dwell_s', value: 1_800, from: 'fence' },
    { name: 'over_mileage.limit_km', value: 100, from: 'order' },
  ] as const;
  const limits = limitsOf({ ...alarmOf(1).evidence, thresholds: [...thresholds] });
  expect(limits.map(({ label, value, from }) => [label, value, from])).toEqual([
    ['限速', '80 km/h', '车辆'],
    ['至少持续', '1 分 30 秒', '单位'],
    ['允许达到批准里程的', '1.3 倍', '默认'],
    ['夜间开始', '22 时', '默认'],
    ['允许停留', '30 分', '围栏'],
    ['批准里程', '100 公里', '用车申请'],
  ]);
});

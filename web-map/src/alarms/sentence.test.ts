import { afterEach, expect, test } from 'vitest';
import { setLang } from '../i18n';
import { alarmOf } from './alarm.fixture';
import { sentenceOf } from './sentence';

afterEach(() => setLang('zh'));

const HOUR_MS = 3_600_000;
const collision = { bit: 29, zh: '碰撞报警', en: 'collision' };
const place = { lon: 105.5, lat: 36.5 };

/** As the rules of the server write their evidence. */
test.each([
  [
    'emergency',
    { bit: 0, zh: '紧急报警', en: 'SOS' },
    '车内有人按下紧急报警按钮',
    'Somebody in the vehicle pressed the emergency button',
  ],
  [
    'speeding',
    { peak_kmh: 150, limit_at_peak_kmh: 120, average_kmh: 133.3, length_m: 1_234 },
    '限速 120 km/h，最高 150 km/h，超速 25%，行驶 1.2 公里',
    'Limit 120 km/h, up to 150 km/h, 25% over, for 1.2 km',
  ],
  ['geofence', { fence: 7, kind: 'leave' }, '驶出 7 号围栏', 'Left fence 7'],
  ['geofence', { fence: 7, kind: 'outside' }, '在 7 号围栏外', 'Outside fence 7'],
  [
    'offline',
    { silent_ms: 600_000, limit_ms: 180_000 },
    '行驶中失联 10 分，超过 3 分',
    'Silent for 10 min while driving, more than 3 min',
  ],
  [
    'power_cut',
    { silent_ms: 2 * HOUR_MS + 5 * 60_000 + 9_000, limit_ms: 180_000 },
    '终端主电源断开后失联 2 小时 5 分',
    'Silent for 2 h 5 min after the main power went off',
  ],
  [
    'device_fault',
    { bit: 5, zh: 'GNSS天线未接或被剪断', en: 'GNSS antenna open' },
    '终端自报：GNSS天线未接或被剪断',
    'The terminal tells: GNSS antenna open',
  ],
  ['terminal_alarm', collision, '终端自报：碰撞报警', 'The terminal tells: collision'],
  [
    'trip_without_order',
    { metres: 812.4, from: place, why: { orders: 0 } },
    '行驶 812 米，该时段没有批准的用车申请',
    'Drove 812 m without an approved order for the time',
  ],
  [
    'off_hours',
    { metres: 5_000, from: place, why: { hours: 'day_off', date: '2026-02-17' } },
    '休息日或节假日行驶 5 公里，没有批准的用车申请',
    'Drove 5 km on a day off without an approved order',
  ],
  [
    'off_hours',
    { metres: 5_000, from: place, why: { hours: 'after', date: '2026-03-02' } },
    '工作日下班时间行驶 5 公里，没有批准的用车申请',
    'Drove 5 km outside working hours without an approved order',
  ],
  [
    'overnight_parking',
    { stands_since_ms: 1, night_ms: 8 * HOUR_MS },
    '夜间停放在定点场所之外 8 小时',
    'Stood outside its designated place for 8 h of the night',
  ],
  [
    'sealed_movement',
    { sealed: { from_ms: 1, to_ms: 2 }, stood: place, farthest_m: 950 },
    '封存期间移动，最远离开 950 米',
    'Moved while sealed, up to 950 m away',
  ],
  [
    'route_deviation',
    { duty: 5, farthest_m: 1_000 },
    '偏离批准路线，最远 1 公里',
    'Up to 1 km beside the approved route',
  ],
  [
    'refuel_misfit',
    { kind: 'level_above_capacity', level_l: 71.5, tank_l: 60 },
    '油箱容积 60 升，油位读数 71.5 升',
    'The tank takes 60 L, its level reads 71.5 L',
  ],
  [
    'refuel_misfit',
    { kind: 'more_than_room', litres: 50, before_l: 40, room_l: 23, tank_l: 60 },
    '加油 50 升，油箱只能再装 23 升',
    '50 L paid for, the tank had room for 23 L',
  ],
  [
    'refuel_misfit',
    { kind: 'not_in_the_tank', litres: 40, rise_l: 20.5 },
    '加油 40 升，油位只升高 20.5 升',
    '40 L paid for, the level rose by 20.5 L',
  ],
  [
    'fuel_drop',
    { from_l: 55, to_l: 30, drop_l: 25 },
    '停车时油量从 55 升降到 30 升，减少 25 升',
    'Fell from 55 L to 30 L while it stood, 25 L less',
  ],
])('%s %o', (rule, seen, chinese, english) => {
  const alarm = alarmOf(1, { rule, seen });
  expect(sentenceOf(alarm)).toBe(chinese);
  setLang('en');
  expect(sentenceOf(alarm)).toBe(english);
});

test('numbers of an order and of a fence are part of the sentence', () => {
  const limit = (name: string, value: number, from: 'order' | 'fence') => ({
    thresholds: [{ name, value, from }],
  });
  const far = alarmOf(1, {
    rule: 'over_mileage',
    seen: { duty: 5, metres: 16_000 },
    ...limit('over_mileage.limit_km', 5, 'order'),
  });
  expect(sentenceOf(far)).toBe('批准 5 公里，已行驶 16 公里');
  const long = alarmOf(1, {
    rule: 'geofence',
    seen: { fence: 3, kind: 'dwell' },
    ...limit('geofence.dwell_s', 1_800, 'fence'),
  });
  expect(sentenceOf(long)).toBe('在 3 号围栏内停留超过 30 分');
  setLang('en');
  expect(sentenceOf(far)).toBe('5 km approved, 16 km driven');
  expect(sentenceOf(long)).toBe('Stayed in fence 3 for more than 30 min');
});

test('a rule that is not known, and evidence that says nothing, leave the name of the rule', () => {
  const title = { zh: '疲劳驾驶', en: 'fatigue' };
  expect(sentenceOf(alarmOf(1, { rule: 'fatigue', title, seen: { minutes: 300 } }))).toBe(
    '疲劳驾驶',
  );
  expect(sentenceOf(alarmOf(1, { rule: 'fatigue', title: null }))).toBe('fatigue');
  for (const rule of ['speeding', 'geofence', 'off_hours', 'over_mileage', 'refuel_misfit']) {
    expect(sentenceOf(alarmOf(1, { rule, seen: { peak_kmh: 'fast' } })), rule).toBe('超速');
  }
});

test('a fence has its name, and its number where the reader may not know it', () => {
  const seen = { fence: 7, kind: 'dwell' };
  const thresholds = [{ name: 'geofence.dwell_s', value: 1_800, from: 'fence' as const }];
  const dwelt = alarmOf(1, { rule: 'geofence', seen, thresholds });
  const fence = { fence_id: 7, name: '车队停车场' };
  expect(sentenceOf(dwelt)).toBe('在 7 号围栏内停留超过 30 分');
  expect(sentenceOf({ ...dwelt, fence })).toBe('在围栏“车队停车场”内停留超过 30 分');
  setLang('en');
  expect(sentenceOf({ ...dwelt, fence })).toBe(
    'Stayed in the fence “车队停车场” for more than 30 min',
  );
});

test('an order is told by its number, and one without by its title', () => {
  const far = alarmOf(1, { rule: 'route_deviation', seen: { duty: 5, farthest_m: 700 } });
  const order = { doc_id: 5, number: 'PC-2026-0001', title: '去示例县' };
  expect(sentenceOf({ ...far, order })).toBe('偏离批准路线，最远 700 米（派车单 PC-2026-0001）');
  expect(sentenceOf({ ...far, order: { ...order, number: null } })).toBe(
    '偏离批准路线，最远 700 米（派车单 去示例县）',
  );
});

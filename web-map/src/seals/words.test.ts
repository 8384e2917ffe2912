import { beforeEach, expect, test } from 'vitest';
import { setLang } from '../i18n';
import { sealOf } from './seal.fixture';
import {
  alarmsPath,
  countText,
  csvOf,
  endingText,
  lengthText,
  liftedText,
  reasonFor,
  timeText,
  whoText,
} from './words';

const plates = (...numbers: number[]) =>
  numbers.map((n) => ({ feature_id: n, name: `澜A·0000${n}` }));

beforeEach(() => setLang('zh'));

test('a seal is told in whole days of the city', () => {
  expect(timeText(sealOf(1))).toBe('2026-10-01 周四 00:00 至 10-07 周三 24:00');
  expect(lengthText(sealOf(1))).toBe('7 天');
  expect(liftedText(sealOf(1))).toBe('');
});

test('one that was lifted ended then, and says when it should have', () => {
  const lifted = sealOf(1, { state: 'lifted', lifted_at: '2026-10-05T01:00:00Z' });
  expect(timeText(lifted)).toBe('2026-10-01 周四 00:00 至 10-05 周一 09:00');
  expect(lengthText(lifted)).toBe('4 天 9 小时');
  expect(liftedText(lifted)).toBe('提前解封，原定至 2026-10-07 周三 24:00');
  expect(alarmsPath(lifted)).toContain('to=2026-10-05');
});

test('vehicles are all of a body, or some by their plates and how many there are', () => {
  expect(whoText(sealOf(1))).toBe('公安局及下级单位的全部车辆');
  expect(countText(sealOf(1))).toBe('全部 12 辆');
  expect(countText(sealOf(1, { vehicle_count: 0 }))).toBe('全部车辆，目前没有');
  const two = sealOf(1, { vehicles: plates(1, 2), vehicle_count: 2 });
  expect(whoText(two)).toBe('澜A·00001、澜A·00002');
  const five = sealOf(1, { vehicles: plates(1, 2, 3, 4, 5), vehicle_count: 5 });
  expect(whoText(five)).toBe('澜A·00001、澜A·00002、澜A·00003 等 5 辆');
});

test('movements are looked for by rule and days, and of one vehicle by itself', () => {
  expect(alarmsPath(sealOf(1))).toBe(
    '/alarms?state=all&rule=sealed_movement&from=2026-10-01&to=2026-10-07',
  );
  const one = sealOf(1, { vehicles: plates(7), vehicle_count: 1 });
  expect(alarmsPath(one)).toBe(
    '/alarms?state=all&rule=sealed_movement&vehicle=7&from=2026-10-01&to=2026-10-07',
  );
});

test('a reason is proposed by the name of the holiday', () => {
  const days = { from: '2026-10-01', to: '2026-10-07' };
  expect(reasonFor({ name: '国庆节', ...days })).toBe('国庆节假日封存');
  expect(reasonFor({ name: null, ...days })).toBe('节假日封存');
});

test('what will happen is said before it does', () => {
  expect(endingText(sealOf(1, { state: 'standing' }), 'lift')).toContain(
    '公安局及下级单位的全部车辆可以移动',
  );
  expect(endingText(sealOf(1), 'withdraw')).toContain('不会生效');
  expect(endingText(sealOf(1, { state: 'over', alarms: 2 }), 'withdraw')).toContain(
    '2 条移动报警随之撤销',
  );
  expect(endingText(sealOf(1, { state: 'over' }), 'withdraw')).toContain('期间没有移动报警');
});

test('a list is saved with all vehicles that it names', () => {
  const text = csvOf([
    sealOf(1, { vehicles: plates(1, 2, 3, 4), vehicle_count: 4 }),
    sealOf(2, { spares_orders: false }),
  ]);
  const [head, first, second] = text.split('\r\n');
  expect(head).toContain('封存车辆');
  expect(first).toContain('澜A·00001、澜A·00002、澜A·00003、澜A·00004');
  expect(first).toContain('凭用车申请可出车');
  expect(second).toContain('全部车辆');
  expect(second).toContain('一律停驶');
});

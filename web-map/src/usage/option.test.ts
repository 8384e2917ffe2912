import { expect, test } from 'vitest';
import type { ChartLook } from '../ui/chart/look';
import { hintOf, rankedOption, timeOption } from './option';
import { barsOf } from './series';
import { rowOf, usageOf } from './usage.fixture';

const look = { accent: 'blue', second: 'brown', font: 'f' } as ChartLook;

test('distance alone has one scale, with another measure two', () => {
  const usage = usageOf([rowOf('2026-11-01')], { by: 'day', to: '2026-11-02' });
  const one = timeOption(usage, barsOf(usage, 'distance'), 'distance', look);
  expect(one.series).toHaveLength(1);
  expect(one.xAxis).toMatchObject({ data: ['11-01', '11-02'] });
  const two = timeOption(usage, barsOf(usage, 'consumption'), 'consumption', look);
  expect(two.yAxis).toHaveLength(2);
  expect(two.series).toMatchObject([{ data: [500, 0] }, { type: 'line', data: [10, null] }]);
});

test('vehicles are called by their plates, one below the other', () => {
  const usage = usageOf([rowOf('7', { label: '示A12345' })]);
  const option = rankedOption(usage, barsOf(usage, 'trips'), 'trips', look);
  expect(option.yAxis).toMatchObject({ data: ['示A12345'], inverse: true });
  expect(option.series).toMatchObject([{ data: [31] }]);
});

test('a hint says all of a day, and that nobody drove on an empty one', () => {
  const usage = usageOf([rowOf('2026-11-01')], { by: 'day', to: '2026-11-02' });
  const [driven, empty] = barsOf(usage, 'distance');
  expect(driven && hintOf(usage, driven)).toEqual([
    '2026-11-01 周日',
    '里程 500 km',
    '车次 31 次',
    '行驶时长 14.2 小时',
    '百公里油耗 10 升',
  ]);
  expect(empty && hintOf(usage, empty)).toEqual(['2026-11-02 周一', '这段时间没有行程']);
});

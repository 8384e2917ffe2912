import { expect, test } from 'vitest';
import { eventsOf } from './command.fixture';
import { lastStep, storyOf } from './story';

type Told = Parameters<typeof eventsOf>;
const told = (...events: Told) =>
  storyOf(eventsOf(...events)).map(({ title, who, said }) => [title, who, said].join(' / '));
const last = (...events: Told) => {
  const step = lastStep(eventsOf(...events));
  return [step?.title, step?.who, step?.said];
};

test('a command that a second person let pass, with what both and the terminal said', () => {
  expect(
    told(
      ['requested', 'dispatcher'],
      ['queued', 'second', '已核实'],
      ['sent', null, 'JT/T 808'],
      ['acknowledged'],
    ),
  ).toEqual([
    '申请下发 / dispatcher / ',
    '同意下发 / second / 已核实',
    '已下发 / 系统 / 经 JT/T 808 下发',
    '终端已执行 / 车载终端 / ',
  ]);
});

test('one that needs nobody begins in the queue, and comes back there when nobody takes it', () => {
  expect(told(['queued', 'dispatcher'], ['sent', null, 'MQTT'], ['queued'])).toEqual([
    '下发，无须审批 / dispatcher / ',
    '已下发 / 系统 / 经 MQTT 下发',
    '未能送到终端，继续等待 / 系统 / ',
  ]);
});

test('a failure is told in words, and the terminal in its own', () => {
  const why = (detail: string) => last(['sent', null, 'MQTT'], ['failed', null, detail]);
  expect(why('failed')).toEqual(['终端执行失败', '车载终端', '']);
  expect(why('unsupported')).toEqual(['终端不支持该指令', '车载终端', '']);
  expect(why('failed: 屏幕忙: 3')).toEqual(['终端执行失败', '车载终端', '终端说明：屏幕忙: 3']);
  expect(why('unsupported: 无屏幕')).toEqual(['终端不支持该指令', '车载终端', '终端说明：无屏幕']);
});

test('what expires says what it was waiting for', () => {
  const expired = (...before: Told) => last(...before, ['expired'])[0];
  expect(expired(['requested', 'a'])).toBe('无人审批，已过期');
  expect(expired(['queued', 'a'])).toBe('终端一直未连接，没有下发，已过期');
  expect(expired(['queued', 'a'], ['sent', null, 'MQTT'])).toBe('终端在有效期内没有应答，已过期');
});

test('a command without a life has no last step', () => {
  expect(lastStep([])).toBeNull();
});

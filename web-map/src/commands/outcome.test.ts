import { expect, test } from 'vitest';
import { commandOf, eventsOf } from './command.fixture';
import { outcomeOf } from './outcome';

const OLD = { fixMs: 5_000, ageMs: 90_000 };
const locate = (state: 'queued' | 'acknowledged') =>
  commandOf(1, { kind: 'locate', body: {}, state });

test('the answer to being located is a position that was not there before', () => {
  expect(outcomeOf(locate('queued'), OLD, 5_000)).toBe('等待终端连接');
  expect(outcomeOf(locate('acknowledged'), OLD, 5_000)).toBe('终端已应答，尚未收到新位置');
  expect(outcomeOf(locate('acknowledged'), { fixMs: 9_000, ageMs: 3_000 }, 5_000)).toBe(
    '终端已应答，位置更新于 3 秒前',
  );
  const none = { fixMs: null, ageMs: null };
  expect(outcomeOf(locate('acknowledged'), none, null)).toBe('终端已应答，尚未收到新位置');
});

test('any other command is told by the last thing that happened to it', () => {
  const events = eventsOf(['requested', 'dispatcher']);
  expect(outcomeOf(commandOf(1, { events }), OLD, null)).toBe('等待另一人审批');
  const failed = eventsOf(['sent', null, 'MQTT'], ['failed', null, 'failed: 无屏幕']);
  expect(outcomeOf(commandOf(1, { state: 'failed', events: failed }), OLD, null)).toBe(
    '终端执行失败，终端说明：无屏幕',
  );
});

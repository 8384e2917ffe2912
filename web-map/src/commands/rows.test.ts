import { afterEach, expect, test, vi } from 'vitest';
import { ASKED_MS, commandOf, eventsOf } from './command.fixture';
import { csvOf, leftText, whatText } from './rows';

afterEach(() => vi.useRealTimers());

test('what is asked is a phrase with its number', () => {
  expect(whatText({ kind: 'locate', body: {} })).toBe('点名：立即上报位置');
  expect(whatText({ kind: 'text', body: { text: '请回场 {n}' } })).toBe('显示文本“请回场 {n}”');
  expect(whatText({ kind: 'interval', body: { seconds: 3600 } })).toBe('每 3600 秒上报一次位置');
  expect(whatText({ kind: 'speed_limit', body: { kmh: 80 } })).toBe('限速 80 km/h');
});

test('only what is under way has time left', () => {
  vi.useFakeTimers({ now: ASKED_MS + 45 * 60_000 });
  expect(leftText(commandOf(1))).toMatch(/^还有 15 分/);
  expect(leftText(commandOf(1, { state: 'acknowledged' }))).toBe('');
  vi.setSystemTime(ASKED_MS + 61 * 60_000);
  expect(leftText(commandOf(1))).toBe('');
});

test('a file holds what the list shows, and what came of it', () => {
  const events = eventsOf(['requested', 'dispatcher'], ['refused', 'second', '=不妥']);
  const [head, row] = csvOf([commandOf(12, { state: 'refused', events })]).split('\r\n');
  expect(head).toContain('编号,申请时间,车牌,终端,指令,事由,状态,申请人,有效至,最近进展');
  expect(row).toMatch(/^12,.*,澜A·00007,T7,显示文本“请回场”,收车,已驳回,dispatcher,/);
  expect(row).toMatch(/second 驳回 =不妥$/);
});

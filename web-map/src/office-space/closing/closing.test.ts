import { beforeEach, expect, test } from 'vitest';
import type { Closing } from '../../api/space';
import { setLang } from '../../i18n';
import { emptyClosing, faultsOf, reopens, stateText } from './closing';

const october: Closing = {
  ledger: 'space',
  through: '2026-10-31',
  actor: 'planner',
  actor_name: '示例规划',
  at: '2026-11-03T08:00:00Z',
  note: '十月结账',
};

beforeEach(() => setLang('zh'));

test.each([
  ['2026-11-03', '2026-10-31'],
  ['2026-11-01', '2026-10-31'],
  ['2027-01-15', '2026-12-31'],
  ['2028-03-31', '2028-02-29'],
])('on %s the month before is closed, through %s', (today, through) => {
  expect(emptyClosing(today)).toEqual({ through, note: '' });
});

test('only days that are over are closed, and never without a word', () => {
  const faults = (through: string, note: string) =>
    Object.keys(faultsOf({ through, note }, '2026-11-03'));
  expect(faults('2026/11/2', '十月')).toEqual([]);
  expect(faults('2026-11-03', '十月')).toEqual(['through']);
  expect(faults('2026-11-31', ' 十 ')).toEqual(['through', 'note']);
  expect(faults('2026-10-31', '㐀'.repeat(501))).toEqual(['note']);
  // As the server counts: characters, not the halves that some of them are kept in.
  expect(faults('2026-10-31', '𠀀'.repeat(500))).toEqual([]);
  expect(faults('2026-10-31', '𠀀')).toEqual(['note']);
});

test('days are opened again by a day before the one in force, however it is written', () => {
  expect(reopens('2026-10-30', october)).toBe(true);
  expect(reopens('2026/9/30', october)).toBe(true);
  expect(reopens('2026-10-31', october)).toBe(false);
  expect(reopens('2026-11-01', october)).toBe(false);
  expect(reopens('2026-10-', october)).toBe(false);
  expect(reopens('2026-09-30', null)).toBe(false);
});

test('the line says through which day, who and when, by the day in Beijing', () => {
  expect(stateText(october)).toBe('台账已结账至 2026-10-31（示例规划，2026-11-03）');
  expect(stateText({ ...october, at: '2026-11-03T16:30:00Z' })).toContain('2026-11-04');
  expect(stateText({ ...october, actor_name: '' })).toContain('planner');
  expect(stateText(null)).toBe('台账尚未结账');
  setLang('en');
  expect(stateText(october)).toBe('The ledger is closed through 2026-10-31 (示例规划, 2026-11-03)');
});

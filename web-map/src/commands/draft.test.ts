import { expect, test } from 'vitest';
import { type Draft, emptyDraft, faultsOf, planOf } from './draft';

const draft = (more: Partial<Draft>): Draft => ({ ...emptyDraft(), reason: '收车', ...more });
const keys = (more: Partial<Draft>) =>
  Object.entries(faultsOf(draft(more))).map(([field, fault]) => `${field}: ${fault.key}`);

test('an empty form says all that is missing, in its order', () => {
  expect(keys({ reason: ' ' })).toEqual([
    'text: commands.need.text',
    'reason: commands.need.reason',
  ]);
});

test('limits hold at their edges, as the server counts', () => {
  expect(keys({ text: '🚗'.repeat(200) })).toEqual([]);
  expect(keys({ text: '示'.repeat(201) })).toEqual(['text: commands.tooLong']);
  expect(keys({ text: '一\n二' })).toEqual(['text: commands.noControl']);
  expect(keys({ kind: 'locate', reason: '因'.repeat(501) })).toEqual(['reason: commands.tooLong']);
  for (const [seconds, isGood] of [
    ['0', false],
    ['1', true],
    ['3600', true],
    ['3601', false],
    ['1.5', false],
    ['', false],
  ] as const) {
    expect(keys({ kind: 'interval', seconds }).length === 0, seconds).toBe(isGood);
  }
  for (const [kmh, isGood] of [
    ['9', false],
    ['10', true],
    ['200', true],
    ['201', false],
  ] as const) {
    expect(keys({ kind: 'speed_limit', kmh }).length === 0, kmh).toBe(isGood);
  }
  for (const [minutes, isGood] of [
    ['0', false],
    ['1', true],
    ['1440', true],
    ['1441', false],
  ] as const) {
    expect(keys({ kind: 'locate', minutes }).length === 0, minutes).toBe(isGood);
  }
});

test('fields of other kinds neither hinder nor travel', () => {
  const locate = draft({ kind: 'locate', text: 'x'.repeat(300), seconds: 'x', reason: ' 点名 ' });
  expect(faultsOf(locate)).toEqual({});
  expect(planOf(locate, 7)).toEqual({
    vehicle_id: 7,
    command: { kind: 'locate' },
    reason: '点名',
    valid_min: 60,
  });
});

test('what is sent is what was meant: no blanks about it, and digits of full width count', () => {
  expect(planOf(draft({ text: ' 请回场 ', minutes: '３０' }), 7)).toMatchObject({
    command: { kind: 'text', text: '请回场' },
    valid_min: 30,
  });
  expect(planOf(draft({ kind: 'interval', seconds: ' 30' }), 7).command).toEqual({
    kind: 'interval',
    seconds: 30,
  });
  expect(planOf(draft({ kind: 'speed_limit', kmh: '80' }), 7).command).toEqual({
    kind: 'speed_limit',
    kmh: 80,
  });
});

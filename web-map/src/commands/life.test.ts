import { expect, test } from 'vitest';
import { COMMAND_STATES } from '../api/commands';
import { isUnderWay, needsApproval, offerOfKey, offersOf } from './life';

const offered = (login: string) =>
  COMMAND_STATES.map((state) =>
    offersOf({ state, requested_by: 'dispatcher' }, login).map(
      ({ decision, isBarred }) => decision + (isBarred ? ' (barred)' : ''),
    ),
  );

test('a second person approves or refuses, and stops what has not left yet', () => {
  expect(offered('second')).toEqual([
    ['approve', 'refuse'],
    ['withdraw'],
    ...Array.from({ length: 6 }, () => []),
  ]);
});

test('nobody approves what they asked for, but they may take it back', () => {
  expect(offered('dispatcher')).toEqual([
    ['approve (barred)', 'withdraw'],
    ['withdraw'],
    ...Array.from({ length: 6 }, () => []),
  ]);
});

test('a key does what is offered, in both cases', () => {
  const offers = offersOf({ state: 'requested', requested_by: 'dispatcher' }, 'second');
  expect(offerOfKey('a', offers)?.decision).toBe('approve');
  expect(offerOfKey('R', offers)?.decision).toBe('refuse');
  expect(offerOfKey('w', offers)).toBeNull();
});

test('being asked where one is needs nobody', () => {
  expect((['locate', 'text', 'interval', 'speed_limit'] as const).map(needsApproval)).toEqual([
    false,
    true,
    true,
    true,
  ]);
  expect(COMMAND_STATES.filter(isUnderWay)).toEqual(['requested', 'queued', 'sent']);
});

import { beforeEach, expect, test, vi } from 'vitest';

const HERE = Date.parse('2026-11-24T10:00:00.400Z');

let clock: typeof import('./server-clock');

beforeEach(async () => {
  vi.useFakeTimers({ now: HERE });
  vi.resetModules();
  clock = await import('./server-clock');
  return () => void vi.useRealTimers();
});

const hear = (date: string | null) => clock.hearServerDate(date, HERE - 40, HERE);

test('a browser whose clock is right is left alone', () => {
  hear('Tue, 24 Nov 2026 10:00:00 GMT');
  expect(clock.serverNow()).toBe(HERE);
});

test('a browser that is five minutes behind knows the time of the server to the second', () => {
  hear('Tue, 24 Nov 2026 10:05:00 GMT');
  const error = clock.serverNow() - Date.parse('2026-11-24T10:05:00Z');
  expect(error).toBeGreaterThanOrEqual(0);
  expect(error).toBeLessThanOrEqual(1000);
});

test('a browser that is five minutes ahead does too, and a second answer does not move it', () => {
  hear('Tue, 24 Nov 2026 09:55:00 GMT');
  const first = clock.serverNow();
  expect(first).toBeLessThanOrEqual(Date.parse('2026-11-24T09:55:01.040Z'));
  hear('Tue, 24 Nov 2026 09:55:00 GMT');
  expect(clock.serverNow()).toBe(first);
});

test('an answer without a date says nothing', () => {
  hear(null);
  hear('soon');
  expect(clock.serverNow()).toBe(HERE);
});

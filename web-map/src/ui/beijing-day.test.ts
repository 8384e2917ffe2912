import { afterEach, expect, test, vi } from 'vitest';
import { beijingDay, dayBefore } from './beijing-day';

afterEach(() => {
  vi.useRealTimers();
});

// The standards once took the day of Greenwich for today, which until 08:00 is yesterday.
test.each([
  ['2026-10-31T15:59:59.999Z', '2026-10-31'],
  ['2026-10-31T16:00:00Z', '2026-11-01'],
  ['2026-11-01T07:59:00+08:00', '2026-11-01'],
])('at %s it is %s in Beijing', (moment, day) => {
  expect(beijingDay(Date.parse(moment))).toBe(day);
  vi.useFakeTimers({ now: Date.parse(moment) });
  expect(beijingDay()).toBe(day);
});

test('the day before the first of a month is the last of another', () => {
  expect(dayBefore('2026-11-01')).toBe('2026-10-31');
  expect(dayBefore('2027-01-01')).toBe('2026-12-31');
  expect(dayBefore('2028-03-01')).toBe('2028-02-29');
});

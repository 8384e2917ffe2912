import { expect, test } from 'vitest';
import { clipped, daysIn, daysOf, isAskable, monthPeriod, monthsOf, quickPeriod } from './period';

test('what still runs ends today, what is over ends with its last day', () => {
  const today = '2026-11-27';
  expect(quickPeriod('month', today)).toEqual({ from: '2026-11-01', to: today });
  expect(quickPeriod('quarter', today)).toEqual({ from: '2026-10-01', to: today });
  expect(quickPeriod('year', today)).toEqual({ from: '2026-01-01', to: today });
  expect(quickPeriod('lastMonth', today)).toEqual({ from: '2026-10-01', to: '2026-10-31' });
});

test('in January the month before is that of the year before', () => {
  expect(quickPeriod('lastMonth', '2027-01-03')).toEqual({ from: '2026-12-01', to: '2026-12-31' });
  expect(quickPeriod('quarter', '2027-01-03')).toEqual({ from: '2027-01-01', to: '2027-01-03' });
});

test('a month has its days, in a leap year too', () => {
  expect(monthPeriod('2028-02')).toEqual({ from: '2028-02-01', to: '2028-02-29' });
  expect(monthPeriod('2026-12').to).toBe('2026-12-31');
});

test('days and months are all of them', () => {
  expect(daysOf({ from: '2026-02-27', to: '2026-03-02' })).toEqual([
    '2026-02-27',
    '2026-02-28',
    '2026-03-01',
    '2026-03-02',
  ]);
  expect(monthsOf({ from: '2026-11-30', to: '2027-01-01' })).toEqual([
    '2026-11',
    '2026-12',
    '2027-01',
  ]);
  expect(daysOf({ from: '2026-02-02', to: '2026-02-01' })).toEqual([]);
});

test('a year is asked for, more or less than nothing is not', () => {
  expect(daysIn({ from: '2026-01-01', to: '2026-12-31' })).toBe(365);
  expect(isAskable({ from: '2028-01-01', to: '2028-12-31' })).toBe(true);
  expect(isAskable({ from: '2026-01-01', to: '2027-01-02' })).toBe(false);
  expect(isAskable({ from: '2026-01-02', to: '2026-01-01' })).toBe(false);
});

test('a month is cut to the period that was asked for', () => {
  const period = { from: '2026-11-10', to: '2026-12-05' };
  expect(clipped(monthPeriod('2026-11'), period)).toEqual({ from: '2026-11-10', to: '2026-11-30' });
  expect(clipped(monthPeriod('2026-12'), period)).toEqual({ from: '2026-12-01', to: '2026-12-05' });
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { setLang } from '../i18n';
import { beginOf, daysText, endOf, endText, momentMs, momentText, periodText } from './clock';

beforeEach(() => setLang('zh'));
afterEach(() => setLang('zh'));

test('what is typed is a moment of the city, wherever it is typed', () => {
  expect(new Date(momentMs('2026-10-01T00:00')).toISOString()).toBe('2026-09-30T16:00:00.000Z');
  expect(momentMs('2026-10-01T08:30:00')).toBe(Date.parse('2026-10-01T00:30:00Z'));
  for (const text of ['', '2026-10-01', '12026-10-01T00:00', '2026-13-01T00:00']) {
    expect(momentMs(text), text).toBeNaN();
  }
});

test('a day ends where the next begins, over the end of a month and of a year', () => {
  expect(beginOf('2026-10-01')).toBe('2026-10-01T00:00');
  expect(endOf('2026-10-07')).toBe('2026-10-08T00:00');
  expect(endOf('2026-02-28')).toBe('2026-03-01T00:00');
  expect(endOf('2026-12-31')).toBe('2027-01-01T00:00');
});

test('a moment is told with its weekday, and midnight as the end of a day', () => {
  expect(momentText(momentMs('2026-10-08T00:00'))).toBe('2026-10-08 周四 00:00');
  expect(endText(momentMs('2026-10-08T00:00'))).toBe('2026-10-07 周三 24:00');
  expect(endText(momentMs('2026-10-07T18:30'))).toBe('2026-10-07 周三 18:30');
  setLang('en');
  expect(endText(momentMs('2026-10-08T00:00'))).toBe('2026-10-07 Wed 24:00');
});

test('a period tells its year once, unless it has two', () => {
  expect(periodText(momentMs('2026-10-01T00:00'), momentMs('2026-10-08T00:00'))).toBe(
    '2026-10-01 周四 00:00 至 10-07 周三 24:00',
  );
  expect(periodText(momentMs('2026-12-31T17:00'), momentMs('2027-01-04T08:00'))).toBe(
    '2026-12-31 周四 17:00 至 2027-01-04 周一 08:00',
  );
  expect(daysText('2026-10-01', '2026-10-07')).toBe('10-01 周四 至 10-07 周三');
});

import { expect, test } from 'vitest';
import { readDay } from './read-day';

test.each([
  ['2026-11-25', '2026-11-25'],
  ['20261125', '2026-11-25'],
  ['2026/1/5', '2026-01-05'],
  ['2026.01.05', '2026-01-05'],
  ['２０２６年1月5日', '2026-01-05'],
  [' 2024-02-29 ', '2024-02-29'],
])('%s is a day', (text, day) => {
  expect(readDay(text)).toBe(day);
});

test.each(['', '2026-04-31', '2026-2', '25/11/2026', '明天'])('%s is none', (text) => {
  expect(readDay(text)).toBeNull();
});

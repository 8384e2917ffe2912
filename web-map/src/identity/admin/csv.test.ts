import { expect, test } from 'vitest';
import { csv } from './csv';

const body = (...cells: Parameters<typeof csv>[0][number]) => csv([cells]).slice(1);

test('a file begins with the mark by which spreadsheets know UTF-8, and ends each row as RFC 4180 says', () => {
  expect(csv([['序号'], [1]])).toBe('\uFEFF序号\r\n1\r\n');
});

test('commas, quotes and line ends are kept inside quotes', () => {
  expect(body('a,b', 'say "hi"', 'one\ntwo', 'plain')).toBe(
    '"a,b","say ""hi""","one\ntwo",plain\r\n',
  );
});

test('nothing and zero are different', () => {
  expect(body(null, 0, '')).toBe(',0,\r\n');
});

test.each([
  ['=1+1', "'=1+1"],
  ['+8613800000000', "'+8613800000000"],
  ['-2', "'-2"],
  ['@SUM(A1)', "'@SUM(A1)"],
  [' =1', "' =1"],
  ['\u3000=1', "'\u3000=1"],
  ['＝1', "'＝1"],
  ['\t=1', "'\t=1"],
])('%j is text, not a formula', (text, expected) => {
  expect(body(text)).toBe(`${expected}\r\n`);
});

test('a formula hidden behind a line end is text too, and quoted', () => {
  expect(body('\r=1')).toBe('"\'\r=1"\r\n');
  expect(body('=HYPERLINK("http://a","b")')).toBe('"\'=HYPERLINK(""http://a"",""b"")"\r\n');
});

test('numbers are numbers, also below zero', () => {
  expect(body(-2, 1.5)).toBe('-2,1.5\r\n');
});

test('signs inside a text are harmless', () => {
  expect(body('a=b', '2026-11-24T03:00:00Z', 'x@y')).toBe('a=b,2026-11-24T03:00:00Z,x@y\r\n');
});

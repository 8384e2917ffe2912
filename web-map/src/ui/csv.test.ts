import { expect, test } from 'vitest';
import { csvText } from './csv';

test('a cell with a comma, a quote or a line end is quoted', () => {
  expect(csvText([['甲,乙', '说"好"', 'a\nb', 12.5, null]])).toBe(
    '\uFEFF"甲,乙","说""好""","a\nb",12.5,\r\n',
  );
});

test('a cell that a spreadsheet would run is plain text, a negative number stays a number', () => {
  expect(csvText([['=1+1', '-3.50', '-b', '@x']])).toBe("\uFEFF'=1+1,-3.50,'-b,'@x\r\n");
});

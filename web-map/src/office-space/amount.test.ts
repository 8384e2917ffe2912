import { expect, test } from 'vitest';
import { m2, m2Text, num, shareText } from './amount';

test('an amount is a number or the text of one', () => {
  expect(num('12.50')).toBe(12.5);
  expect(num(7)).toBe(7);
  expect(num(null)).toBe(0);
  expect(num('many')).toBe(0);
  expect(m2Text('1234.50')).toBe('1,234.5 m²');
  expect(m2('1234.5')).toBe('1,234.50');
});

test('a small share is not nothing', () => {
  expect(shareText(1, 8)).toBe('12.5%');
  expect(shareText(0.001, 100)).toBe('<0.1%');
  expect(shareText(0, 100)).toBe('0%');
  expect(shareText(1, 0)).toBe('—');
});

import { expect, test } from 'vitest';
import { batchFrame, partsOf, sampleFrame } from './parts.fixture';
import { hexEntry, stepInHex, stepInTable } from './walk';

const { parts } = sampleFrame();

test('sideways leads to the neighbour, and nowhere at both ends', () => {
  expect(stepInHex(parts, 0, 'ArrowRight')).toBe(1);
  expect(stepInHex(parts, 1, 'ArrowLeft')).toBe(0);
  expect(stepInHex(parts, 0, 'ArrowLeft')).toBeNull();
  expect(stepInHex(parts, parts.length - 1, 'ArrowRight')).toBeNull();
  expect(stepInHex(parts, 7, 'Home')).toBe(0);
  expect(stepInHex(parts, 7, 'End')).toBe(parts.length - 1);
  expect(stepInHex(parts, 7, 'Tab')).toBeNull();
});

test('up and down lead to what stands there', () => {
  // The terminal's number is at 5, the status at 18: 16 apart from 2 and 21.
  expect(parts[stepInHex(parts, 3, 'ArrowDown') ?? -1]?.name.en).toBe('status');
  expect(parts[stepInHex(parts, 6, 'ArrowUp') ?? -1]?.name.en).toBe('message id');
  expect(stepInHex(parts, 3, 'ArrowUp')).toBeNull();
});

test('a part of several rows is left at its end', () => {
  const long = partsOf([
    ['消息体', 'body', '00'.repeat(40)],
    ['校验码', 'checksum', '00'],
  ]);
  expect(stepInHex(long, 0, 'ArrowDown')).toBe(1);
});

test('rows of the table have what is missing too, bytes have not', () => {
  const batch = batchFrame().parts;
  expect(stepInTable(batch.length, 6, 'ArrowDown')).toBe(7);
  expect(stepInTable(batch.length, 7, 'ArrowDown')).toBeNull();
  expect(stepInTable(batch.length, 3, 'ArrowRight')).toBeNull();
  expect(stepInHex(batch, 6, 'ArrowRight')).toBeNull();
});

test('the tab key finds a part with bytes, whatever is chosen', () => {
  const batch = batchFrame().parts;
  expect(hexEntry(batch, null)).toBe(0);
  expect(hexEntry(batch, 4)).toBe(4);
  expect(hexEntry(batch, 7)).toBe(6);
  expect(hexEntry([], null)).toBeNull();
  const unopened = partsOf([
    ['标识位', 'flag', '', '', '缺少标识位'],
    ['消息ID', 'message id', '0002'],
  ]);
  expect(hexEntry(unopened, null)).toBe(1);
});

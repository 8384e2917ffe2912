import { expect, test } from 'vitest';
import { hexRows, partAt } from './hex-rows';
import { batchFrame, partsOf, sampleFrame } from './parts.fixture';

const { parts } = sampleFrame();
const drawn = (rows: ReturnType<typeof hexRows>) =>
  rows.map(
    ({ offset, segments }) => `${offset}: ${segments.map(({ bytes }) => bytes.join('')).join(' ')}`,
  );

test('rows have 16 bytes, and each byte stands in one of them', () => {
  const rows = hexRows(parts);
  expect(drawn(rows)).toMatchInlineSnapshot(`
    [
      "0: 7E 0200 0026 123456789012 007D02 0000",
      "16: 0001 00000002 00BA7F0E 07E4F11C 0028",
      "32: 003C 0000 181015101010 01 04 00000064",
      "48: 02 02 007D01 13 7E",
    ]
  `);
  const bytes = rows.flatMap(({ segments }) => segments.flatMap((segment) => segment.bytes));
  expect(bytes.join('')).toBe(parts.map(({ hex }) => hex).join(''));
});

test('a part that a row cuts opens in one and closes in the other', () => {
  const cut = hexRows(parts)
    .flatMap(({ segments }) => segments)
    .filter(({ opens, closes }) => !opens || !closes);
  expect(cut).toEqual([
    { part: 5, start: 14, bytes: ['00', '00'], opens: true, closes: false },
    { part: 5, start: 16, bytes: ['00', '01'], opens: false, closes: true },
  ]);
});

test('a part may be longer than a row', () => {
  const rows = hexRows(
    partsOf([
      ['标识位', 'flag', '7E'],
      ['消息体', 'body', '00'.repeat(40)],
    ]),
  );
  expect(rows.map(({ offset, segments }) => [offset, segments.at(-1)?.bytes.length])).toEqual([
    [0, 15],
    [16, 16],
    [32, 9],
  ]);
});

test('what is missing is marked in the row before it, and what is empty by right is not', () => {
  const missing = hexRows(batchFrame().parts).flatMap(({ segments }) =>
    segments.filter(({ bytes }) => bytes.length === 0),
  );
  expect(missing).toEqual([{ part: 7, start: 14, bytes: [], opens: true, closes: true }]);
  const full = partsOf([
    ['消息体', 'body', '00'.repeat(16)],
    ['标识位', 'flag', '', '', '缺少标识位'],
  ]);
  expect(hexRows(full)).toHaveLength(1);
  expect(hexRows(partsOf([['里程', 'mileage', '']]))[0]?.segments).toEqual([]);
});

test('each byte belongs to one part', () => {
  expect([0, 1, 2, 13, 14].map((offset) => partAt(parts, offset))).toEqual([0, 1, 1, 4, 5]);
  expect([-1, 55].map((offset) => partAt(parts, offset))).toEqual([null, null]);
  // A field without bytes owns none.
  expect(partAt(batchFrame().parts, 14)).toBeNull();
});

import { expect, it } from 'vitest';
import { chunkAt, chunkHours, chunksOf, nextChunk } from './chunks';

const DAY = { fromMs: 0, toMs: 24 * 3_600_000 };

it('a day of a few vehicles is one piece, one of two hundred is twelve', () => {
  expect([1, 16, 17, 50, 100, 200].map(chunkHours)).toEqual([24, 12, 11, 4, 2, 1]);
  expect(chunksOf(DAY, 3)).toEqual([DAY]);
  expect(chunksOf(DAY, 200)).toHaveLength(24);
});

it('the pieces follow each other without a gap up to the end of the window', () => {
  const chunks = chunksOf(DAY, 17);
  expect(chunks[0]?.toMs).toBe(chunks[1]?.fromMs);
  expect(chunks.at(-1)?.toMs).toBe(DAY.toMs);
});

it('a moment belongs to the piece that begins with it, the end of the window to the last', () => {
  const chunks = chunksOf(DAY, 200);
  expect(chunkAt(chunks, 0)).toBe(0);
  expect(chunkAt(chunks, 3_600_000)).toBe(1);
  expect(chunkAt(chunks, DAY.toMs)).toBe(23);
});

it('what is under the playhead comes first, then what follows, then what was before', () => {
  const had: number[] = [];
  for (;;) {
    const next = nextChunk(2, (chunk) => !had.includes(chunk), 5);
    if (next === null) break;
    had.push(next);
  }
  expect(had).toEqual([2, 3, 4, 1, 0]);
});

import { expect, it } from 'vitest';
import { decodeTracks } from './decode';
import { appendJoin, appendLine, inBlocks, keptPositions, VERTEX_FLOATS } from './lines';
import { encoded, type Row } from './sample';
import { type Piece, Tracks } from './tracks';

function pieceOf(rows: Row[]): Piece {
  const tracks = new Tracks({ fromMs: 0, toMs: 24 * 3_600_000 }, [1]);
  tracks.put(0, decodeTracks(encoded(0, { 1: rows })));
  return tracks.piecesOf(1)[0]?.piece as Piece;
}

const steady = (from: number, count: number, step: number): Row[] =>
  Array.from({ length: count }, (_, index) => [(from + index) * 1000, 105 + index * step, 36, 40]);

it('a steady straight drive is its two ends', () => {
  expect(keptPositions(pieceOf(steady(0, 100, 0.000_1)))).toEqual([0, 99]);
});

it('a standstill keeps its two ends, so that the line knows when it went on', () => {
  const rows = [...steady(0, 50, 0), ...steady(50, 50, 0.000_1)];
  expect(keptPositions(pieceOf(rows))).toEqual([0, 50, 99]);
});

it('a corner stays where it is', () => {
  const rows: Row[] = [...steady(0, 11, 0.001)];
  for (let index = 1; index <= 10; index += 1)
    rows.push([(10 + index) * 1000, 105.01, 36 + index * 0.001]);
  expect(keptPositions(pieceOf(rows))).toEqual([0, 10, 20]);
});

it('no position is farther from the line than the tolerance allows, at its own time', () => {
  let seed = 7;
  const random = () => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647 - 0.5;
  };
  let [lon, lat] = [105, 36];
  const rows: Row[] = Array.from({ length: 2_000 }, (_, index) => {
    lon += random() * 0.000_3;
    lat += random() * 0.000_3;
    return [index * 1000, lon, lat];
  });
  const piece = pieceOf(rows);
  const kept = keptPositions(piece, 10);
  expect(kept.length).toBeLessThan(1_900);
  let worstM = 0;
  for (let leg = 1; leg < kept.length; leg += 1) {
    const [a, b] = [kept[leg - 1] as number, kept[leg] as number];
    for (let index = a; index <= b; index += 1) {
      const done = (index - a) / (b - a);
      const off = (column: Int32Array) =>
        (column[a] as number) +
        ((column[b] as number) - (column[a] as number)) * done -
        (column[index] as number);
      worstM = Math.max(
        worstM,
        Math.abs(off(piece.lat)) * 0.011_13,
        Math.abs(off(piece.lon)) * 0.009,
      );
    }
  }
  expect(worstM).toBeLessThanOrEqual(20.1);
});

it('a silence keeps both its sides, and its second one is marked', () => {
  const rows: Row[] = [
    [0, 105, 36],
    [1_000, 105.001, 36],
    [700_000, 105.1, 36],
    [701_000, 105.101, 36],
  ];
  const out: number[] = [];
  appendLine(out, 3, pieceOf(rows), { origin: [0, 0], fromMs: 0 });
  const marks = out.filter((_, index) => index % VERTEX_FLOATS === 3);
  expect(marks).toEqual([3, 3, -3, 3]);
  expect(out[2 * VERTEX_FLOATS + 2]).toBe(700);
});

it('two positions of the same second do no harm', () => {
  expect(
    keptPositions(
      pieceOf([
        [0, 105, 36],
        [0, 105, 36.001],
        [1000, 105, 36.002],
        [2000, 105, 36.003],
      ]),
    ).at(0),
  ).toBe(0);
});

it('a join belongs to nobody after its end', () => {
  const out: number[] = [];
  appendJoin(out, 2, pieceOf([[0, 105, 36]]), pieceOf([[5_000, 105.1, 36]]), {
    origin: [0, 0],
    fromMs: 0,
  });
  expect(out.filter((_, index) => index % VERTEX_FLOATS === 3)).toEqual([2, 2, 0]);
});

it('cut into blocks of time there are the same legs, each in the block in which it ends', () => {
  const line = [0, 0, 10, 1, 1, 0, 50, 1, 2, 0, 130, 1, 3, 0, 140, -1, 9, 9, 20, 2, 8, 8, 150, 2];
  const legs = (vertices: readonly number[]) => {
    const found: string[] = [];
    for (let at = 4; at < vertices.length; at += 4) {
      const who = Math.abs(vertices[at + 3] as number);
      if (who === 0 || Math.abs(vertices[at - 1] as number) !== who) continue;
      found.push(`${who}: ${vertices[at - 4]} to ${vertices[at]} at ${vertices[at + 2]}`);
    }
    return found;
  };
  const blocks = inBlocks(line, 100);
  expect(blocks.map(legs)).toEqual([
    ['1: 0 to 1 at 50'],
    ['1: 1 to 2 at 130', '1: 2 to 3 at 140', '2: 9 to 8 at 150'],
  ]);
  expect(blocks.flatMap(legs).sort()).toEqual(legs(line).sort());
});

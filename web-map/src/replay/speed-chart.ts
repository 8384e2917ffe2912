/** The speeds of a day for so many columns of pixels: the least and the most of each, not every position. */
import type { Span } from './chunks';
import { NOT_TOLD } from './decode';
import type { Piece } from './tracks';

export interface SpeedChart {
  /** 0.1 km/h by column; `NOT_TOLD` in `least` where nothing is known. */
  least: Uint16Array;
  most: Uint16Array;
  /** Of all columns. */
  topKmh: number;
}

export function speedChart(
  pieces: Iterable<Piece>,
  { fromMs, toMs }: Span,
  columns: number,
): SpeedChart {
  const least = new Uint16Array(columns).fill(NOT_TOLD);
  const most = new Uint16Array(columns);
  let top = 0;
  const perMs = columns / (toMs - fromMs);
  for (const { ms, speed, baseMs } of pieces) {
    for (let index = 0; index < ms.length; index += 1) {
      const told = speed[index] as number;
      if (told === NOT_TOLD) continue;
      const column = Math.floor((baseMs + (ms[index] as number) - fromMs) * perMs);
      if (column < 0 || column >= columns) continue;
      if (told < (least[column] as number)) least[column] = told;
      if (told > (most[column] as number)) most[column] = told;
      if (told > top) top = told;
    }
  }
  return { least, most, topKmh: top / 10 };
}

/** The positions of the chosen vehicles as the rows of a file. */
import { secondOf } from './beijing-time';
import { DEGREE, NOT_TOLD } from './decode';
import type { Tracks } from './tracks';

export type Cell = string | number | null;

export function* positionRows(tracks: Tracks, id: number, plate: string): Generator<Cell[]> {
  for (const { piece } of tracks.piecesOf(id)) {
    const { ms, lon, lat, speed, heading, baseMs } = piece;
    for (let index = 0; index < ms.length; index += 1) {
      yield [
        plate,
        secondOf(baseMs + (ms[index] as number)),
        degrees(lon[index] as number),
        degrees(lat[index] as number),
        tenths(speed[index] as number),
        tenths(heading[index] as number),
      ];
    }
  }
}

const degrees = (value: number): string => (value / DEGREE).toFixed(7);
const tenths = (value: number): number | null => (value === NOT_TOLD ? null : value / 10);

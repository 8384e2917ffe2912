/**
 * The way of a day as few vertices: a position is left out where a steady drive between its neighbours would pass by it at
 * its time. So a standstill costs two vertices, and what is travelled already can be told from what is coming by the time
 * that each vertex carries.
 */
import { mercatorX, mercatorY } from '../live/mercator';
import { DEGREE } from './decode';
import { type Piece, SILENCE_MS } from './tracks';

/** x, y relative to an origin in Mercator; seconds since the window began; the vehicle's number from 1. */
export const VERTEX_FLOATS = 4;

const TOLERANCE_M = 3;
const METRES_PER_UNIT = 0.011_131_949;

/** The positions that are kept, by their numbers; the first, the last and both sides of a silence always are. */
export function keptPositions({ ms, lon, lat }: Piece, toleranceM = TOLERANCE_M): number[] {
  const count = ms.length;
  if (count < 3) return Array.from({ length: count }, (_, index) => index);
  const tolerance = toleranceM / METRES_PER_UNIT;
  const cos = Math.max(0.01, Math.cos(((lat[0] as number) / DEGREE) * (Math.PI / 180)));
  const kept = [0];
  let anchor = 0;
  let [west, east, south, north] = OPEN;
  for (let index = 1; index < count; index += 1) {
    const gapMs = (ms[index] as number) - (ms[index - 1] as number);
    const spanMs = (ms[index] as number) - (ms[anchor] as number);
    const dx = ((lon[index] as number) - (lon[anchor] as number)) * cos;
    const dy = (lat[index] as number) - (lat[anchor] as number);
    const isInside =
      gapMs <= SILENCE_MS &&
      spanMs > 0 &&
      dx / spanMs >= west &&
      dx / spanMs <= east &&
      dy / spanMs >= south &&
      dy / spanMs <= north;
    if (isInside || index - 1 === anchor) {
      if (spanMs <= 0) continue;
      west = Math.max(west, (dx - tolerance) / spanMs);
      east = Math.min(east, (dx + tolerance) / spanMs);
      south = Math.max(south, (dy - tolerance) / spanMs);
      north = Math.min(north, (dy + tolerance) / spanMs);
      if (gapMs <= SILENCE_MS) continue;
    }
    // The position before is where the drive changed, or where the silence began.
    anchor = index - 1;
    [west, east, south, north] = OPEN;
    if (kept.at(-1) !== anchor) kept.push(anchor);
    if (gapMs > SILENCE_MS) {
      anchor = index;
      kept.push(index);
    } else {
      index -= 1;
    }
  }
  if (kept.at(-1) !== count - 1) kept.push(count - 1);
  return kept;
}

const OPEN = [
  Number.NEGATIVE_INFINITY,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.POSITIVE_INFINITY,
] as const;

export interface LineFrame {
  /** Mercator. */
  origin: readonly [number, number];
  fromMs: number;
}

/** Appends the way of one vehicle; a negative number says that a silence leads to the vertex. */
export function appendLine(out: number[], vehicle: number, piece: Piece, frame: LineFrame): void {
  let beforeMs: number | null = null;
  for (const index of keptPositions(piece)) {
    const atMs = piece.ms[index] as number;
    const isSilence =
      index > 0 && beforeMs !== null && atMs - (piece.ms[index - 1] as number) > SILENCE_MS;
    pushVertex(out, isSilence ? -vehicle : vehicle, piece, index, frame);
    beforeMs = atMs;
  }
}

/** The same legs in blocks of time, so that a part of the day can be drawn alone. A leg is in the block in which it ends. */
export function inBlocks(line: readonly number[], blockS: number): number[][] {
  const blocks = new Map<number, number[]>();
  /** Where the line stands that is being cut. */
  let open: number | null = null;
  for (let at = 0; at < line.length; at += VERTEX_FLOATS) {
    const isFirst =
      at === 0 || Math.abs(line[at + 3] as number) !== Math.abs(line[at - 1] as number);
    const block = Math.floor((line[at + 2] as number) / blockS);
    const out = blocks.get(block) ?? [];
    blocks.set(block, out);
    if (block !== open && !isFirst) {
      // Cut off from what this block ended with, and begun where the leg begins.
      out.push(0, 0, 0, 0, ...line.slice(at - VERTEX_FLOATS, at));
    }
    out.push(...line.slice(at, at + VERTEX_FLOATS));
    open = block;
  }
  return [...blocks.values()];
}

/** The way from the end of one piece to the beginning of the next. */
export function appendJoin(
  out: number[],
  vehicle: number,
  end: Piece,
  start: Piece,
  frame: LineFrame,
): void {
  const last = end.ms.length - 1;
  const gapMs = start.baseMs + (start.ms[0] as number) - end.baseMs - (end.ms[last] as number);
  pushVertex(out, vehicle, end, last, frame);
  pushVertex(out, gapMs > SILENCE_MS ? -vehicle : vehicle, start, 0, frame);
  // Nobody has the number 0: what follows is not joined.
  out.push(0, 0, 0, 0);
}

function pushVertex(
  out: number[],
  vehicle: number,
  piece: Piece,
  index: number,
  frame: LineFrame,
): void {
  out.push(
    mercatorX((piece.lon[index] as number) / DEGREE) - frame.origin[0],
    mercatorY((piece.lat[index] as number) / DEGREE) - frame.origin[1],
    (piece.baseMs + (piece.ms[index] as number) - frame.fromMs) / 1000,
    vehicle,
  );
}

/**
 * How a marker travels from one fix to the next. The same curve is computed here (picking, plates, following)
 * and in the vertex shader of the vehicle layer; a test holds the two against each other by their constants.
 */

/** Below this a change of place is the receiver's noise. */
export const JITTER_M = 2;
/** Beyond this nobody drove there between two fixes: the marker jumps. */
export const SNAP_M = 500;
export const SNAP_GAP_MS = 60_000;
/** A glide lasts a little longer than the terminal's interval, so that a late fix meets a marker still moving. */
const STRETCH = 1.2;
const SHORTEST_GLIDE_MS = 300;
const LONGEST_GLIDE_MS = 6_000;
/** The turn is done in the first part of the glide: a car turns, then drives. */
export const TURN_SHARE = 0.4;

export type Hop = 'stay' | 'glide' | 'snap';

export function hop(distanceM: number, gapMs: number): Hop {
  if (distanceM < JITTER_M) return 'stay';
  return distanceM > SNAP_M || gapMs > SNAP_GAP_MS ? 'snap' : 'glide';
}

export function glideMs(gapMs: number): number {
  return Math.min(LONGEST_GLIDE_MS, Math.max(SHORTEST_GLIDE_MS, gapMs * STRETCH));
}

/** Degrees to turn from one heading to another by the shorter way, in -180 (exclusive) to 180. */
export function shortestTurn(fromDeg: number, toDeg: number): number {
  const turn = (((toDeg - fromDeg) % 360) + 360) % 360;
  return turn > 180 ? turn - 360 : turn;
}

/** The part of a glide that is done, 0 to 1. */
export function progress(startMs: number, endMs: number, nowMs: number): number {
  if (endMs <= startMs) return 1;
  return Math.min(1, Math.max(0, (nowMs - startMs) / (endMs - startMs)));
}

export function turnProgress(done: number): number {
  return Math.min(1, done / TURN_SHARE);
}

/**
 * What a frame does to what is known: pure functions over the sequence of frames. The stream is followed by a
 * cursor; a frame that does not continue it asks for a new snapshot instead of drawing a picture with holes.
 */
import type { Frame, LiveVehicle } from './protocol';

/** After this long without any frame the picture must say that it is old. */
export const STALE_AFTER_MS = 6_000;
/** After this long without any frame the connection itself is given up and made anew. */
export const DEAD_AFTER_MS = 12_000;

export type Connection = 'live' | 'stale' | 'offline';

/** Where a connection stands in its stream. */
export interface Cursor {
  /** The last sequence number applied, kept over reconnects so that the server can resume; null before the first. */
  readonly seq: number | null;
  /** True from a (re)subscription until its snapshot: until then a gap is expected and not reported again. */
  readonly awaitingSnapshot: boolean;
}

/** What has to happen to the fleet. */
export interface FleetChange {
  upsert: LiveVehicle[];
  remove: number[];
}

export type Verdict =
  /** Take the frame. */
  | 'apply'
  /** A frame seen before, or from before the snapshot: leave it. */
  | 'skip'
  /** Frames are missing: leave it and ask for a snapshot. */
  | 'gap';

export const FRESH_CURSOR: Cursor = { seq: null, awaitingSnapshot: true };

/** A new subscription was sent: the next snapshot starts the sequence again. */
export function resubscribed(cursor: Cursor): Cursor {
  return { seq: cursor.seq, awaitingSnapshot: true };
}

/** A connection was made and asks to go on after `cursor.seq`. Without one, it waits for its snapshot. */
export function resumed(cursor: Cursor): Cursor {
  return { seq: cursor.seq, awaitingSnapshot: cursor.seq === null };
}

export function follow(cursor: Cursor, frame: Frame): { cursor: Cursor; verdict: Verdict } {
  if (frame.type === 'snapshot') {
    return { cursor: { seq: frame.seq, awaitingSnapshot: false }, verdict: 'apply' };
  }
  if (cursor.awaitingSnapshot) {
    // Counts and changed layers are true whatever was missed; differences of vehicles are not.
    return { cursor, verdict: frame.type === 'delta' ? 'skip' : 'apply' };
  }
  const last = cursor.seq ?? 0;
  if (frame.seq <= last) {
    // A server that does not resume counts from one again and sends its snapshot in a moment.
    return { cursor, verdict: frame.type === 'delta' ? 'skip' : 'apply' };
  }
  if (frame.seq > last + 1) return { cursor: resubscribed(cursor), verdict: 'gap' };
  return { cursor: { seq: frame.seq, awaitingSnapshot: false }, verdict: 'apply' };
}

/** What turns the `known` vehicles into those of a snapshot. */
export function snapshotChange(known: Iterable<number>, vehicles: LiveVehicle[]): FleetChange {
  const present = new Set(vehicles.map((vehicle) => vehicle.id));
  const remove: number[] = [];
  for (const id of known) if (!present.has(id)) remove.push(id);
  return { upsert: vehicles, remove };
}

/** `lastFrameMs` and `nowMs` are of the same local clock; null when nothing was ever received. */
export function connectionState(
  open: boolean,
  lastFrameMs: number | null,
  nowMs: number,
): Connection {
  if (!open || lastFrameMs === null) return 'offline';
  return nowMs - lastFrameMs > STALE_AFTER_MS ? 'stale' : 'live';
}

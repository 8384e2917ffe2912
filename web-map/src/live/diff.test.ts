import { describe, expect, it } from 'vitest';
import {
  type Cursor,
  connectionState,
  FRESH_CURSOR,
  follow,
  resubscribed,
  resumed,
  snapshotChange,
} from './diff';
import type { Frame, LiveVehicle } from './protocol';

const delta = (seq: number): Frame => ({ type: 'delta', seq, atMs: 0, upsert: [], remove: [] });
const snapshot = (seq: number): Frame => ({
  type: 'snapshot',
  seq,
  atMs: 0,
  vehicles: [],
  total: 0,
});
const heartbeat = (seq: number): Frame => ({
  type: 'heartbeat',
  seq,
  atMs: 0,
  counts: { moving: 0, idle: 0, offline: 0, total: 0 },
});
const AT_5: Cursor = { seq: 5, awaitingSnapshot: false };

function vehicle(id: number): LiveVehicle {
  return { id, lon: 0, lat: 0, heading: 0, speedKmh: 0, fixMs: 0, status: 1, plate: '' };
}

describe('following the stream', () => {
  it('the next number is applied and becomes the place to go on from', () => {
    expect(follow(AT_5, delta(6))).toEqual({
      verdict: 'apply',
      cursor: { seq: 6, awaitingSnapshot: false },
    });
  });

  it('a missing number is a gap, whatever kind of frame shows it', () => {
    expect(follow(AT_5, delta(7)).verdict).toBe('gap');
    expect(follow(AT_5, heartbeat(7)).verdict).toBe('gap');
  });

  it('a gap is reported once, then its snapshot is awaited', () => {
    const { cursor } = follow(AT_5, delta(7));
    expect(follow(cursor, delta(8)).verdict).toBe('skip');
    expect(follow(cursor, delta(12)).verdict).toBe('skip');
    expect(follow(cursor, snapshot(13))).toEqual({
      verdict: 'apply',
      cursor: { seq: 13, awaitingSnapshot: false },
    });
  });

  it('a number seen before is left alone', () => {
    expect(follow(AT_5, delta(5))).toEqual({ verdict: 'skip', cursor: AT_5 });
    expect(follow(AT_5, delta(2)).verdict).toBe('skip');
  });

  it('a snapshot starts the sequence again, even from a lower number', () => {
    expect(follow(AT_5, snapshot(1)).cursor.seq).toBe(1);
  });

  it('differences before the first snapshot are not drawn, counts are', () => {
    expect(follow(FRESH_CURSOR, delta(1)).verdict).toBe('skip');
    expect(follow(FRESH_CURSOR, heartbeat(1)).verdict).toBe('apply');
  });

  it('a new view waits for its snapshot', () => {
    expect(follow(resubscribed(AT_5), delta(6)).verdict).toBe('skip');
  });

  it('a resumed connection goes on where the old one stopped', () => {
    expect(follow(resumed(AT_5), delta(6)).verdict).toBe('apply');
    expect(follow(resumed(AT_5), delta(9)).verdict).toBe('gap');
    expect(follow(resumed(FRESH_CURSOR), delta(1)).verdict).toBe('skip');
  });
});

describe('a server that does not resume', () => {
  it('starts again from one, is heard at once and draws with its snapshot', () => {
    const cursor = resumed(AT_5);
    expect(follow(cursor, heartbeat(1))).toEqual({ verdict: 'apply', cursor });
    expect(follow(cursor, delta(2)).verdict).toBe('skip');
    expect(follow(cursor, snapshot(3)).cursor.seq).toBe(3);
  });
});

describe('a snapshot', () => {
  it('removes the known vehicles it does not hold and keeps the others', () => {
    const vehicles = [vehicle(2), vehicle(4)];
    expect(snapshotChange([1, 2, 3], vehicles)).toEqual({ upsert: vehicles, remove: [1, 3] });
  });
});

describe('the age of the picture', () => {
  it('six seconds of silence are still live, more is stale', () => {
    expect(connectionState(true, 1_000, 7_000)).toBe('live');
    expect(connectionState(true, 1_000, 7_001)).toBe('stale');
  });

  it('a closed connection is offline at once, however fresh the picture', () => {
    expect(connectionState(false, 1_000, 1_001)).toBe('offline');
  });

  it('an open connection that never said anything is not live', () => {
    expect(connectionState(true, null, 1)).toBe('offline');
  });
});

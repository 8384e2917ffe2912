import { describe, expect, it } from 'vitest';
import { cellNumber } from './clusters';
import { PackedReader } from './packed';

const AT_MS = 1_800_000_000_000;

interface Told {
  handle: number;
  fixMs: number;
  name?: { id: number; plate: string };
}

/** A frame as the server writes it: every vehicle at 105.5, -36.5, 43.2 km/h, heading 359.9, status 3. */
function frame(kind: number, seq: number, told: Told[], gone: number[] = []): ArrayBuffer {
  const entered = told.filter((one) => one.name !== undefined);
  const moved = told.filter((one) => one.name === undefined);
  const names = entered.map((one) => new TextEncoder().encode(one.name?.plate));
  const namesLength = names.reduce((sum, name) => sum + 17 + name.length, 0);
  const buffer = new ArrayBuffer(32 + told.length * 20 + gone.length * 4 + namesLength);
  const view = new DataView(buffer);
  view.setUint8(0, kind);
  view.setUint8(1, 1);
  view.setUint32(4, seq, true);
  view.setFloat64(8, AT_MS, true);
  view.setUint32(16, kind === 1 ? 9 : 0, true);
  view.setUint32(20, entered.length, true);
  view.setUint32(24, moved.length, true);
  view.setUint32(28, gone.length, true);
  let at = 32;
  for (const { handle, fixMs } of [...entered, ...moved]) {
    view.setUint32(at, handle, true);
    view.setInt32(at + 4, 1_055_000_000, true);
    view.setInt32(at + 8, -365_000_000, true);
    view.setUint32(at + 12, fixMs % 2 ** 32, true);
    view.setUint16(at + 16, 432, true);
    view.setUint16(at + 18, 3599 | (3 << 12), true);
    at += 20;
  }
  for (const handle of gone) {
    view.setUint32(at, handle, true);
    at += 4;
  }
  entered.forEach((one, row) => {
    const name = names[row] as Uint8Array;
    view.setFloat64(at, one.name?.id ?? 0, true);
    view.setFloat64(at + 8, one.fixMs, true);
    view.setUint8(at + 16, name.length);
    new Uint8Array(buffer).set(name, at + 17);
    at += 17 + name.length;
  });
  return buffer;
}

const NAMED = {
  handle: 3,
  fixMs: 1_500_000_000_000,
  name: { id: 7_000_000_003, plate: '示A00003' },
};

/** A frame with clusters behind it, of which nothing is left in one cell. */
function withClusters(kind: number, told: Told[]): ArrayBuffer {
  const vehicles = new Uint8Array(frame(kind - 2, 1, told));
  const bytes = new Uint8Array(vehicles.length + 12 + 20 + 8);
  bytes.set(vehicles);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, kind);
  let at = vehicles.length;
  const numbers = [4, 1, 1, 0x6800_0000, 0x3100_0000, 70_000, 258, 1, 5, 9];
  for (const number of numbers) {
    view.setUint32(at, number, true);
    at += 4;
  }
  return bytes.buffer;
}

describe('binary frames', () => {
  it('name a vehicle once and then only say where it is', () => {
    const reader = new PackedReader();
    const vehicle = { lon: 105.5, lat: -36.5, heading: 359.9, speedKmh: 43.2, status: 3 };
    const named = { id: 7_000_000_003, plate: '示A00003' };
    expect(reader.read(frame(1, 1, [NAMED]))).toEqual({
      type: 'snapshot',
      seq: 1,
      atMs: AT_MS,
      total: 9,
      vehicles: [{ ...named, ...vehicle, fixMs: NAMED.fixMs }],
    });
    for (const fixMs of [AT_MS - 2 ** 30, AT_MS, AT_MS + 60_000]) {
      expect(reader.read(frame(2, 2, [{ handle: 3, fixMs }]))).toEqual({
        type: 'delta',
        seq: 2,
        atMs: AT_MS,
        upsert: [{ ...named, ...vehicle, fixMs }],
        remove: [],
      });
    }
  });

  it('tell which vehicles are gone, and a handle is nobody after that', () => {
    const reader = new PackedReader();
    reader.read(frame(1, 1, [NAMED]));
    const left = reader.read(frame(2, 2, [], [3]));
    expect(left.type === 'delta' && left.remove).toEqual([7_000_000_003]);
    expect(() => reader.read(frame(2, 3, [{ handle: 3, fixMs: AT_MS }]))).toThrow(/never named/);
  });

  it('that end early are faults and not half a fleet', () => {
    const whole = frame(2, 1, [NAMED], []);
    for (let length = 0; length < whole.byteLength; length += 1) {
      expect(() => new PackedReader().read(whole.slice(0, length))).toThrow(/ends after/);
    }
  });

  it('of another version are refused', () => {
    const other = frame(1, 1, []);
    new DataView(other).setUint8(1, 2);
    expect(() => new PackedReader().read(other)).toThrow(/version 2/);
  });

  it('have clusters behind the vehicles that are kept', () => {
    const reader = new PackedReader();
    const clusters = {
      level: 4,
      cells: [
        { cell: cellNumber(6, 3), x: 0.40625, y: 0.19140625, count: 70_000, moving: 258, idle: 1 },
      ],
      gone: [cellNumber(5, 9)],
    };
    expect(reader.read(withClusters(3, [NAMED]))).toMatchObject({
      type: 'snapshot',
      vehicles: [{ id: 7_000_000_003 }],
      clusters,
    });
    expect(reader.read(withClusters(4, []))).toMatchObject({ type: 'delta', upsert: [], clusters });
    expect(reader.read(frame(2, 2, []))).not.toHaveProperty('clusters');
  });

  it('that end within their clusters are faults', () => {
    const whole = withClusters(4, [NAMED]);
    for (let length = 0; length < whole.byteLength; length += 1) {
      expect(() => new PackedReader().read(whole.slice(0, length))).toThrow(/ends after/);
    }
  });

  it('of a kind beyond those are refused', () => {
    const other = frame(2, 1, []);
    new DataView(other).setUint8(0, 5);
    expect(() => new PackedReader().read(other)).toThrow(/kind 5/);
  });
});

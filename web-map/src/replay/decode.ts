/**
 * Positions of several vehicles as the server sends them: a table of slices, then columns. The columns are views into the
 * answer, not copies; what does not fit together is refused with what it is.
 */
import { ApiProblem, PROBLEMS } from '../api/client';

/** One vehicle's positions, in order of time. */
export interface Slice {
  /** Since `baseMs`. */
  ms: Uint32Array;
  /** 1e-7 degrees. */
  lon: Int32Array;
  lat: Int32Array;
  /** 0.1 km/h; `NOT_TOLD` where the terminal said nothing. */
  speed: Uint16Array;
  /** 0.1 degrees; `NOT_TOLD` likewise. */
  heading: Uint16Array;
}

export interface Answer {
  baseMs: number;
  /** By the vehicle's id; who may not be seen is not there. */
  slices: Map<number, Slice>;
}

export const NOT_TOLD = 65_535;
export const DEGREE = 1e7;

const MAGIC = 'OMTRACK1';
const HEAD_BYTES = 24;
const ENTRY_BYTES = 16;
const POSITION_BYTES = 16;

export function decodeTracks(bytes: ArrayBuffer): Answer {
  if (bytes.byteLength < HEAD_BYTES) {
    throw fault(`只有 ${bytes.byteLength} 字节`, `only ${bytes.byteLength} bytes`);
  }
  const view = new DataView(bytes);
  const magic = String.fromCharCode(...new Uint8Array(bytes, 0, MAGIC.length));
  if (magic !== MAGIC) throw fault('不是轨迹数据', 'these are no tracks');
  const vehicles = view.getUint32(8, true);
  const positions = view.getUint32(12, true);
  const baseMs = view.getFloat64(16, true);
  if (!Number.isSafeInteger(baseMs)) throw fault('起始时间无效', 'the base time is none');
  const expected = HEAD_BYTES + vehicles * ENTRY_BYTES + positions * POSITION_BYTES;
  if (bytes.byteLength !== expected) {
    throw fault(
      `应有 ${expected} 字节，实有 ${bytes.byteLength} 字节`,
      `${expected} bytes were announced, ${bytes.byteLength} came`,
    );
  }

  const at = HEAD_BYTES + vehicles * ENTRY_BYTES;
  const columns: Slice = {
    ms: new Uint32Array(bytes, at, positions),
    lon: new Int32Array(bytes, at + 4 * positions, positions),
    lat: new Int32Array(bytes, at + 8 * positions, positions),
    speed: new Uint16Array(bytes, at + 12 * positions, positions),
    heading: new Uint16Array(bytes, at + 14 * positions, positions),
  };
  const slices = new Map<number, Slice>();
  for (let entry = 0; entry < vehicles; entry += 1) {
    const offset = HEAD_BYTES + entry * ENTRY_BYTES;
    const id = view.getFloat64(offset, true);
    const first = view.getUint32(offset + 8, true);
    const count = view.getUint32(offset + 12, true);
    if (!Number.isSafeInteger(id) || slices.has(id)) {
      throw fault(`第 ${entry + 1} 辆车的编号无效`, `vehicle ${entry + 1} has no valid id`);
    }
    if (first + count > positions) {
      throw fault(`车辆 ${id} 的位置超出范围`, `the positions of vehicle ${id} are out of bounds`);
    }
    slices.set(id, checked(id, slice(columns, first, first + count)));
  }
  return { baseMs, slices };
}

function slice(columns: Slice, first: number, end: number): Slice {
  return {
    ms: columns.ms.subarray(first, end),
    lon: columns.lon.subarray(first, end),
    lat: columns.lat.subarray(first, end),
    speed: columns.speed.subarray(first, end),
    heading: columns.heading.subarray(first, end),
  };
}

/** Searches by halves and drawing rest on this. */
function checked(id: number, { ms, lon, lat, ...rest }: Slice): Slice {
  for (let index = 0; index < ms.length; index += 1) {
    if (index > 0 && (ms[index] as number) < (ms[index - 1] as number)) {
      throw fault(`车辆 ${id} 的位置未按时间排列`, `vehicle ${id} goes back in time`);
    }
    if (
      Math.abs(lon[index] as number) > 180 * DEGREE ||
      Math.abs(lat[index] as number) > 90 * DEGREE
    ) {
      throw fault(`车辆 ${id} 有位置不在地球上`, `vehicle ${id} has a position outside the earth`);
    }
  }
  return { ms, lon, lat, ...rest };
}

function fault(zh: string, en: string): ApiProblem {
  return new ApiProblem({ ...PROBLEMS.unreadable, detail: { zh, en } });
}

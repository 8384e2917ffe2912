/**
 * Vehicles of the live stream in twenty bytes each. A vehicle is named once, when it comes into view; after that the
 * server says only where it is, under a handle that means the same vehicle until the next snapshot.
 */
import { type Cluster, type ClusterNews, cellNumber } from './clusters';
import {
  type DeltaFrame,
  type LiveVehicle,
  ProtocolError,
  type SnapshotFrame,
  type StatusCode,
} from './protocol';

const VERSION = 1;
const SNAPSHOT = 1;
const DELTA = 2;
/** The kinds that have clusters behind their vehicles are this much higher. */
const WITH_CLUSTERS = 2;
const HEAD_BYTES = 32;
const ROW_BYTES = 20;
const CLUSTERS_HEAD_BYTES = 12;
const CLUSTER_BYTES = 20;
const CELL_BYTES = 8;
/** Places of clusters are whole numbers of so many to the world each way. */
const WORLD_BITS = 32;
const HEADING_BITS = 12;
const FIX_SPAN_MS = 2 ** 32;

/** What a handle stands for. */
interface Named {
  id: number;
  plate: string;
}

/** Reads the binary frames of one connection. */
export class PackedReader {
  private names = new Map<number, Named>();
  private readonly text = new TextDecoder();

  read(buffer: ArrayBuffer): SnapshotFrame | DeltaFrame {
    const bytes = new DataView(buffer);
    if (buffer.byteLength < HEAD_BYTES) throw short(buffer.byteLength);
    const told = bytes.getUint8(0);
    const hasClusters = told > DELTA;
    const kind = hasClusters ? told - WITH_CLUSTERS : told;
    if ((kind !== SNAPSHOT && kind !== DELTA) || bytes.getUint8(1) !== VERSION) {
      throw new ProtocolError(`frame is of kind ${told}, version ${bytes.getUint8(1)}`);
    }
    const seq = bytes.getUint32(4, true);
    const atMs = bytes.getFloat64(8, true);
    const total = bytes.getUint32(16, true);
    const [entered, moved, gone] = [20, 24, 28].map((at) => bytes.getUint32(at, true)) as [
      number,
      number,
      number,
    ];
    const goneAt = HEAD_BYTES + (entered + moved) * ROW_BYTES;
    const namesAt = goneAt + gone * 4;
    if (buffer.byteLength < namesAt) throw short(buffer.byteLength);
    if (kind === SNAPSHOT) this.names = new Map();
    const { fixes, endAt } = this.readNames(bytes, namesAt, entered);
    const clusters = hasClusters ? { clusters: readClusters(bytes, endAt) } : {};
    const vehicles: LiveVehicle[] = [];
    for (let row = 0; row < entered + moved; row += 1) {
      vehicles.push(this.vehicle(bytes, HEAD_BYTES + row * ROW_BYTES, fixes[row], atMs));
    }
    if (kind === SNAPSHOT) return { type: 'snapshot', seq, atMs, vehicles, total, ...clusters };
    const remove: number[] = [];
    for (let row = 0; row < gone; row += 1) {
      const handle = bytes.getUint32(goneAt + row * 4, true);
      remove.push(this.named(handle).id);
      this.names.delete(handle);
    }
    return { type: 'delta', seq, atMs, upsert: vehicles, remove, ...clusters };
  }

  /** Takes over what the vehicles that entered are called; answers their fix times, and where the names end. */
  private readNames(
    bytes: DataView,
    namesAt: number,
    entered: number,
  ): { fixes: number[]; endAt: number } {
    const fixes: number[] = [];
    let at = namesAt;
    for (let row = 0; row < entered; row += 1) {
      if (bytes.byteLength < at + 17) throw short(bytes.byteLength);
      const length = bytes.getUint8(at + 16);
      if (bytes.byteLength < at + 17 + length) throw short(bytes.byteLength);
      const plate = this.text.decode(
        new Uint8Array(bytes.buffer, bytes.byteOffset + at + 17, length),
      );
      const handle = bytes.getUint32(HEAD_BYTES + row * ROW_BYTES, true);
      this.names.set(handle, { id: bytes.getFloat64(at, true), plate });
      fixes.push(bytes.getFloat64(at + 8, true));
      at += 17 + length;
    }
    return { fixes, endAt: at };
  }

  /** `fixMs` is given for a vehicle that entered; else it is the moment nearest to `atMs` with these lower bits. */
  private vehicle(
    bytes: DataView,
    at: number,
    fixMs: number | undefined,
    atMs: number,
  ): LiveVehicle {
    const { id, plate } = this.named(bytes.getUint32(at, true));
    const turned = bytes.getUint16(at + 18, true);
    return {
      id,
      lon: bytes.getInt32(at + 4, true) / 1e7,
      lat: bytes.getInt32(at + 8, true) / 1e7,
      heading: (turned & ((1 << HEADING_BITS) - 1)) / 10,
      speedKmh: bytes.getUint16(at + 16, true) / 10,
      fixMs: fixMs ?? nearest(bytes.getUint32(at + 12, true), atMs),
      status: ((turned >> HEADING_BITS) & 3) as StatusCode,
      plate,
    };
  }

  private named(handle: number): Named {
    const named = this.names.get(handle);
    if (named === undefined) throw new ProtocolError(`vehicle ${handle} was never named`);
    return named;
  }
}

function readClusters(bytes: DataView, headAt: number): ClusterNews {
  const cellsAt = headAt + CLUSTERS_HEAD_BYTES;
  if (bytes.byteLength < cellsAt) throw short(bytes.byteLength);
  const level = bytes.getUint8(headAt);
  if (level > WORLD_BITS) throw new ProtocolError(`level is ${level}, beyond ${WORLD_BITS}`);
  const changed = bytes.getUint32(headAt + 4, true);
  const empty = bytes.getUint32(headAt + 8, true);
  const goneAt = cellsAt + changed * CLUSTER_BYTES;
  if (bytes.byteLength < goneAt + empty * CELL_BYTES) throw short(bytes.byteLength);
  const cells: Cluster[] = [];
  for (let at = cellsAt; at < goneAt; at += CLUSTER_BYTES) {
    const [x, y, count, moving, idle] = [0, 4, 8, 12, 16].map((past) =>
      bytes.getUint32(at + past, true),
    ) as [number, number, number, number, number];
    const side = 2 ** (WORLD_BITS - level);
    cells.push({
      cell: cellNumber(Math.floor(x / side), Math.floor(y / side)),
      x: x / 2 ** WORLD_BITS,
      y: y / 2 ** WORLD_BITS,
      count,
      moving,
      idle,
    });
  }
  const gone: number[] = [];
  for (let row = 0; row < empty; row += 1) {
    const at = goneAt + row * CELL_BYTES;
    gone.push(cellNumber(bytes.getUint32(at, true), bytes.getUint32(at + 4, true)));
  }
  return { level, cells, gone };
}

function nearest(lowerBits: number, atMs: number): number {
  return lowerBits + Math.round((atMs - lowerBits) / FIX_SPAN_MS) * FIX_SPAN_MS;
}

function short(length: number): ProtocolError {
  return new ProtocolError(`frame ends after ${length} bytes`);
}

/**
 * Vehicles of the live stream in twenty bytes each. A vehicle is named once, when it comes into view; after that the
 * server says only where it is, under a handle that means the same vehicle until the next snapshot.
 */
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
const HEAD_BYTES = 32;
const ROW_BYTES = 20;
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
    const kind = bytes.getUint8(0);
    if ((kind !== SNAPSHOT && kind !== DELTA) || bytes.getUint8(1) !== VERSION) {
      throw new ProtocolError(`frame is of kind ${kind}, version ${bytes.getUint8(1)}`);
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
    const fixes = this.readNames(bytes, namesAt, entered);
    const vehicles: LiveVehicle[] = [];
    for (let row = 0; row < entered + moved; row += 1) {
      vehicles.push(this.vehicle(bytes, HEAD_BYTES + row * ROW_BYTES, fixes[row], atMs));
    }
    if (kind === SNAPSHOT) return { type: 'snapshot', seq, atMs, vehicles, total };
    const remove: number[] = [];
    for (let row = 0; row < gone; row += 1) {
      const handle = bytes.getUint32(goneAt + row * 4, true);
      remove.push(this.named(handle).id);
      this.names.delete(handle);
    }
    return { type: 'delta', seq, atMs, upsert: vehicles, remove };
  }

  /** Takes over what the vehicles that entered are called; answers their fix times. */
  private readNames(bytes: DataView, namesAt: number, entered: number): number[] {
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
    return fixes;
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

function nearest(lowerBits: number, atMs: number): number {
  return lowerBits + Math.round((atMs - lowerBits) / FIX_SPAN_MS) * FIX_SPAN_MS;
}

function short(length: number): ProtocolError {
  return new ProtocolError(`frame ends after ${length} bytes`);
}

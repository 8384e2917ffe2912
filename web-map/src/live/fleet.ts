/**
 * Every vehicle in the view, in typed arrays outside Vue's reactivity: ten thousand of them cost one pass a second
 * and nothing per frame. Slots are dense; removing a vehicle moves the last one into its place.
 */
import type { FleetChange } from './diff';
import { glideMs, hop, progress, shortestTurn, turnProgress } from './glide';
import { latOf, lonOf, mercatorX, mercatorY, metresPerUnit } from './mercator';
import type { LiveVehicle, StatusCode } from './protocol';

/** Floats per vehicle in the packed buffer: from x, y; to x, y; start, end; heading, turn; status. */
export const PACKED_FLOATS = 9;

/** A vehicle as it is drawn at one moment. */
export interface Shown {
  id: number;
  plate: string;
  lon: number;
  lat: number;
  heading: number;
  speedKmh: number;
  status: StatusCode;
  fixMs: number;
}

export class Fleet {
  count = 0;
  /** Moves on with every change, so that a reader knows whether to read again. */
  revision = 0;
  /** The last moment at which something still moves, on the clock of `nowMs`. */
  movingUntilMs = 0;
  /** Mercator, doubles: the only place where positions are kept exactly. */
  fromX = new Float64Array(0);
  fromY = new Float64Array(0);
  toX = new Float64Array(0);
  toY = new Float64Array(0);
  startMs = new Float64Array(0);
  endMs = new Float64Array(0);

  private readonly slots = new Map<number, number>();
  private ids: number[] = [];
  private plates: string[] = [];
  private heading = new Float32Array(0);
  private turn = new Float32Array(0);
  private speed = new Float32Array(0);
  private fix = new Float64Array(0);
  private status = new Uint8Array(0);

  /** Applies a change. A fix older than the one shown never moves a marker backwards. */
  apply(change: FleetChange, nowMs: number): void {
    for (const id of change.remove) this.remove(id);
    for (const vehicle of change.upsert) this.upsert(vehicle, nowMs);
    this.revision += 1;
  }

  knownIds(): IterableIterator<number> {
    return this.slots.keys();
  }

  slotOf(id: number): number | undefined {
    return this.slots.get(id);
  }

  idAt(slot: number): number {
    return this.ids[slot] ?? -1;
  }

  shown(id: number, nowMs: number): Shown | null {
    const slot = this.slots.get(id);
    return slot === undefined ? null : this.shownAt(slot, nowMs);
  }

  shownAt(slot: number, nowMs: number): Shown {
    const done = progress(at(this.startMs, slot), at(this.endMs, slot), nowMs);
    return {
      id: this.idAt(slot),
      plate: this.plates[slot] ?? '',
      lon: lonOf(mix(at(this.fromX, slot), at(this.toX, slot), done)),
      lat: latOf(mix(at(this.fromY, slot), at(this.toY, slot), done)),
      heading: degrees(at(this.heading, slot) + at(this.turn, slot) * turnProgress(done)),
      speedKmh: at(this.speed, slot),
      status: at(this.status, slot) as StatusCode,
      fixMs: at(this.fix, slot),
    };
  }

  /**
   * Writes all vehicles for the graphics card, relative to an origin and an epoch near enough that 32-bit floats
   * keep millimetres and milliseconds. `out` holds at least `count * PACKED_FLOATS`.
   */
  pack(out: Float32Array, originX: number, originY: number, epochMs: number): void {
    for (let slot = 0, to = 0; slot < this.count; slot += 1) {
      out[to++] = at(this.fromX, slot) - originX;
      out[to++] = at(this.fromY, slot) - originY;
      out[to++] = at(this.toX, slot) - originX;
      out[to++] = at(this.toY, slot) - originY;
      out[to++] = (at(this.startMs, slot) - epochMs) / 1000;
      out[to++] = (at(this.endMs, slot) - epochMs) / 1000;
      out[to++] = at(this.heading, slot);
      out[to++] = at(this.turn, slot);
      out[to++] = at(this.status, slot);
    }
  }

  private upsert(vehicle: LiveVehicle, nowMs: number): void {
    const slot = this.slots.get(vehicle.id);
    if (slot === undefined) {
      this.add(vehicle, nowMs);
      return;
    }
    const gapMs = vehicle.fixMs - at(this.fix, slot);
    if (gapMs < 0) return;
    const x = mercatorX(vehicle.lon);
    const y = mercatorY(vehicle.lat);
    const distanceM = Math.hypot(x - at(this.toX, slot), y - at(this.toY, slot)) * metresPerUnit(y);
    switch (hop(distanceM, gapMs)) {
      case 'stay':
        break;
      case 'snap':
        this.place(slot, x, y, vehicle.heading, nowMs);
        break;
      case 'glide':
        this.glide(slot, x, y, vehicle.heading, nowMs, glideMs(gapMs));
        break;
    }
    this.describe(slot, vehicle);
  }

  private add(vehicle: LiveVehicle, nowMs: number): void {
    const slot = this.count;
    if (slot >= this.fromX.length) this.grow();
    this.count += 1;
    this.slots.set(vehicle.id, slot);
    this.ids[slot] = vehicle.id;
    this.place(slot, mercatorX(vehicle.lon), mercatorY(vehicle.lat), vehicle.heading, nowMs);
    this.describe(slot, vehicle);
  }

  private describe(slot: number, vehicle: LiveVehicle): void {
    this.plates[slot] = vehicle.plate;
    this.speed[slot] = vehicle.speedKmh;
    this.status[slot] = vehicle.status;
    this.fix[slot] = vehicle.fixMs;
  }

  private place(slot: number, x: number, y: number, heading: number, nowMs: number): void {
    this.fromX[slot] = x;
    this.fromY[slot] = y;
    this.toX[slot] = x;
    this.toY[slot] = y;
    this.startMs[slot] = nowMs;
    this.endMs[slot] = nowMs;
    this.heading[slot] = degrees(heading);
    this.turn[slot] = 0;
  }

  /** From where the marker is seen now, so that a fix in the middle of a glide bends it and never tears it. */
  private glide(
    slot: number,
    x: number,
    y: number,
    heading: number,
    nowMs: number,
    lastsMs: number,
  ): void {
    const done = progress(at(this.startMs, slot), at(this.endMs, slot), nowMs);
    const seen = degrees(at(this.heading, slot) + at(this.turn, slot) * turnProgress(done));
    this.fromX[slot] = mix(at(this.fromX, slot), at(this.toX, slot), done);
    this.fromY[slot] = mix(at(this.fromY, slot), at(this.toY, slot), done);
    this.toX[slot] = x;
    this.toY[slot] = y;
    this.startMs[slot] = nowMs;
    this.endMs[slot] = nowMs + lastsMs;
    this.heading[slot] = seen;
    this.turn[slot] = shortestTurn(seen, heading);
    this.movingUntilMs = Math.max(this.movingUntilMs, nowMs + lastsMs);
  }

  private remove(id: number): void {
    const slot = this.slots.get(id);
    if (slot === undefined) return;
    const last = this.count - 1;
    if (slot !== last) {
      for (const column of this.columns()) column[slot] = at(column, last);
      const moved = this.idAt(last);
      this.ids[slot] = moved;
      this.plates[slot] = this.plates[last] ?? '';
      this.slots.set(moved, slot);
    }
    this.ids.length = last;
    this.plates.length = last;
    this.slots.delete(id);
    this.count = last;
  }

  private grow(): void {
    const capacity = Math.max(256, this.fromX.length * 2);
    this.fromX = grown(this.fromX, new Float64Array(capacity));
    this.fromY = grown(this.fromY, new Float64Array(capacity));
    this.toX = grown(this.toX, new Float64Array(capacity));
    this.toY = grown(this.toY, new Float64Array(capacity));
    this.startMs = grown(this.startMs, new Float64Array(capacity));
    this.endMs = grown(this.endMs, new Float64Array(capacity));
    this.fix = grown(this.fix, new Float64Array(capacity));
    this.heading = grown(this.heading, new Float32Array(capacity));
    this.turn = grown(this.turn, new Float32Array(capacity));
    this.speed = grown(this.speed, new Float32Array(capacity));
    this.status = grown(this.status, new Uint8Array(capacity));
  }

  private columns(): (Float64Array | Float32Array | Uint8Array)[] {
    return [
      this.fromX,
      this.fromY,
      this.toX,
      this.toY,
      this.startMs,
      this.endMs,
      this.fix,
      this.heading,
      this.turn,
      this.speed,
      this.status,
    ];
  }
}

/** A slot below `count` is always inside the array. */
function at(column: Float64Array | Float32Array | Uint8Array, slot: number): number {
  return column[slot] as number;
}

function grown<T extends Float64Array | Float32Array | Uint8Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}

function mix(from: number, to: number, done: number): number {
  return from + (to - from) * done;
}

function degrees(heading: number): number {
  return ((heading % 360) + 360) % 360;
}

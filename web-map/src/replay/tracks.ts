/**
 * What is known of all vehicles in the window, chunk by chunk. Asked for a moment it says where each of them was. Pure
 * and outside Vue's sight: it is read in every frame.
 */
import { shortestTurn } from '../live/glide';
import { chunkAt, chunksOf, type Span } from './chunks';
import { type Answer, DEGREE, NOT_TOLD, type Slice } from './decode';
import type { Pause } from './pacer';

/** A longer silence is not driven over: the vehicle stays where it was last heard. */
export const SILENCE_MS = 10 * 60_000;
/** From here on a vehicle counts as moving. */
const MOVING_KMH = 3;
const MOVING_M = 15;
/** The receiver's noise at a standstill is no way driven. */
const NOISE_M = 5;
const BUCKET_MS = 30_000;
/** Beside one that moves, so that its start is seen. */
const LEAD_MS = 5_000;
const METRES_PER_UNIT = 0.011_131_949;

export type State = 'loading' | 'refused' | 'unheard' | 'moving' | 'standing' | 'silent';

/** A vehicle at a moment. Places and the rest mean something in `moving`, `standing` and `silent` only. */
export interface Moment {
  state: State;
  lon: number;
  lat: number;
  /** Degrees; null where no fix told one. */
  heading: number | null;
  speedKmh: number | null;
  /** Of the last fix. */
  fixMs: number;
}

/** A slice with what is added up once: metres driven since the slice's first fix. */
export interface Piece extends Slice {
  baseMs: number;
  metres: Float32Array;
}

interface Found {
  piece: Piece;
  index: number;
}

export class Tracks {
  readonly chunks: readonly Span[];
  /** Moves on with every chunk that comes. */
  revision = 0;
  private readonly pieces: (Map<number, Piece> | null)[];
  /** Half minutes in which something moves. */
  private readonly busy: Uint8Array;

  constructor(
    readonly window: Span,
    readonly ids: readonly number[],
  ) {
    this.chunks = chunksOf(window, ids.length);
    this.pieces = this.chunks.map(() => null);
    this.busy = new Uint8Array(Math.ceil((window.toMs - window.fromMs) / BUCKET_MS) + 1);
  }

  put(chunk: number, answer: Answer): void {
    const pieces = new Map<number, Piece>();
    for (const [id, slice] of answer.slices) pieces.set(id, this.prepared(slice, answer.baseMs));
    this.take(chunk, pieces);
  }

  /** The same in short pieces; false where `isWanted` ended it. */
  async putSlowly(
    chunk: number,
    answer: Answer,
    pause: Pause,
    isWanted: () => boolean,
  ): Promise<boolean> {
    const pieces = new Map<number, Piece>();
    for (const [id, slice] of answer.slices) {
      pieces.set(id, this.prepared(slice, answer.baseMs));
      await pause();
      if (!isWanted()) return false;
    }
    this.take(chunk, pieces);
    return true;
  }

  isLoaded(chunk: number): boolean {
    return this.pieces[chunk] !== null;
  }

  isKnown(ms: number): boolean {
    return this.isLoaded(chunkAt(this.chunks, ms));
  }

  get isComplete(): boolean {
    return this.pieces.every((piece) => piece !== null);
  }

  /** Another object whenever the chunk was fetched again; null while it is not here. */
  stampOf(chunk: number): object | null {
    return this.pieces[chunk] ?? null;
  }

  pieceOf(id: number, chunk: number): Piece | null {
    return this.pieces[chunk]?.get(id) ?? null;
  }

  /** The pieces of a vehicle that are here, in order of time, with the chunk each is of. */
  piecesOf(id: number): { chunk: number; piece: Piece }[] {
    return this.pieces.flatMap((pieces, chunk) => {
      const piece = pieces?.get(id);
      return piece && piece.ms.length > 0 ? [{ chunk, piece }] : [];
    });
  }

  at(id: number, ms: number): Moment {
    const here = chunkAt(this.chunks, ms);
    const own = this.pieces[here];
    if (!own) return nowhere('loading');
    if (!own.has(id)) return nowhere('refused');
    const before = this.lastUntil(id, here, ms);
    if (before === null) return nowhere('unheard');
    const after = this.firstAfter(id, here, ms, before);
    return between(before, after, ms);
  }

  /** Metres driven from the window's start; null while something before is not here. */
  drivenM(id: number, ms: number): number | null {
    const here = chunkAt(this.chunks, ms);
    let sum = 0;
    for (let chunk = 0; chunk <= here; chunk += 1) {
      const pieces = this.pieces[chunk];
      if (!pieces) return null;
      const piece = pieces.get(id);
      if (!piece) continue;
      const index = lastUntil(piece, ms);
      if (index >= 0) sum += piece.metres[index] as number;
    }
    return sum;
  }

  /** When something moves next; null: now, never, or nobody knows yet. */
  nextBusyMs(ms: number): number | null {
    const { fromMs } = this.window;
    let bucket = Math.floor((ms + LEAD_MS - fromMs) / BUCKET_MS);
    if (this.busy[bucket] === 1) return null;
    for (; bucket < this.busy.length; bucket += 1) {
      const startMs = fromMs + bucket * BUCKET_MS;
      if (!this.isKnown(Math.min(startMs, this.window.toMs))) return startMs;
      if (this.busy[bucket] === 1) return startMs - LEAD_MS;
    }
    return this.window.toMs;
  }

  /** The first moment at which something moves, in what is here; not before anything was heard. */
  firstBusyMs(): number | null {
    const bucket = this.busy.indexOf(1);
    if (bucket < 0) return null;
    const firsts = this.pieces.flatMap((pieces) =>
      [...(pieces?.values() ?? [])].flatMap(({ ms, baseMs }) =>
        ms.length > 0 ? [baseMs + (ms[0] as number)] : [],
      ),
    );
    return Math.max(this.window.fromMs + bucket * BUCKET_MS, Math.min(...firsts));
  }

  private lastUntil(id: number, from: number, ms: number): Found | null {
    for (let chunk = from; chunk >= 0; chunk -= 1) {
      const piece = this.pieces[chunk]?.get(id);
      const index = piece ? lastUntil(piece, ms) : -1;
      if (piece && index >= 0) return { piece, index };
    }
    return null;
  }

  private firstAfter(id: number, from: number, ms: number, before: Found): Found | null {
    if (before.index + 1 < before.piece.ms.length) {
      return { piece: before.piece, index: before.index + 1 };
    }
    for (let chunk = from; chunk < this.pieces.length; chunk += 1) {
      const piece = this.pieces[chunk]?.get(id);
      if (!piece || piece === before.piece) continue;
      const index = lastUntil(piece, ms) + 1;
      if (index < piece.ms.length) return { piece, index };
    }
    return null;
  }

  private take(chunk: number, pieces: Map<number, Piece>): void {
    this.pieces[chunk] = pieces;
    this.revision += 1;
  }

  private prepared(slice: Slice, baseMs: number): Piece {
    const piece = { ...slice, baseMs, metres: metresOf(slice) };
    this.markBusy(piece);
    return piece;
  }

  private markBusy(piece: Piece): void {
    const { ms, speed, metres, baseMs } = piece;
    const offset = baseMs - this.window.fromMs;
    for (let index = 1; index < ms.length; index += 1) {
      const gapMs = (ms[index] as number) - (ms[index - 1] as number);
      if (gapMs > SILENCE_MS) continue;
      const told = speed[index] as number;
      const droveM = (metres[index] as number) - (metres[index - 1] as number);
      const isFast = told === NOT_TOLD ? droveM > MOVING_M : told >= MOVING_KMH * 10;
      if (!isFast) continue;
      const first = Math.floor((offset + (ms[index - 1] as number)) / BUCKET_MS);
      const last = Math.floor((offset + (ms[index] as number)) / BUCKET_MS);
      this.busy.fill(1, Math.max(0, first), last + 1);
    }
  }
}

function nowhere(state: 'loading' | 'refused' | 'unheard'): Moment {
  return { state, lon: 0, lat: 0, heading: null, speedKmh: null, fixMs: 0 };
}

/** The last position at or before `ms`, by halves; -1 when there is none. */
function lastUntil({ ms: column, baseMs }: Piece, ms: number): number {
  const wanted = ms - baseMs;
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((column[middle] as number) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function between({ piece, index }: Found, after: Found | null, ms: number): Moment {
  const fixMs = piece.baseMs + (piece.ms[index] as number);
  const here: Moment = {
    state: 'standing',
    lon: (piece.lon[index] as number) / DEGREE,
    lat: (piece.lat[index] as number) / DEGREE,
    heading: tenths(piece.heading[index]),
    speedKmh: tenths(piece.speed[index]),
    fixMs,
  };
  const nextMs = after === null ? Number.POSITIVE_INFINITY : timeOf(after);
  if (after === null || nextMs - fixMs > SILENCE_MS) {
    const silent = after === null ? ms - fixMs > SILENCE_MS : ms > fixMs;
    return {
      ...here,
      state: silent ? 'silent' : judged(here.speedKmh),
      ...(silent && { speedKmh: null }),
    };
  }
  const done = nextMs === fixMs ? 0 : (ms - fixMs) / (nextMs - fixMs);
  const speedKmh = mixed(here.speedKmh, tenths(after.piece.speed[after.index]), done);
  return {
    ...here,
    state: judged(speedKmh),
    lon: here.lon + ((after.piece.lon[after.index] as number) / DEGREE - here.lon) * done,
    lat: here.lat + ((after.piece.lat[after.index] as number) / DEGREE - here.lat) * done,
    heading: turned(here.heading, tenths(after.piece.heading[after.index]), done),
    speedKmh,
  };
}

function judged(speedKmh: number | null): 'moving' | 'standing' {
  return speedKmh !== null && speedKmh >= MOVING_KMH ? 'moving' : 'standing';
}

function timeOf({ piece, index }: Found): number {
  return piece.baseMs + (piece.ms[index] as number);
}

function tenths(value: number | undefined): number | null {
  return value === undefined || value === NOT_TOLD ? null : value / 10;
}

function mixed(from: number | null, to: number | null, done: number): number | null {
  if (from === null || to === null) return from;
  return from + (to - from) * done;
}

function turned(from: number | null, to: number | null, done: number): number | null {
  if (from === null || to === null) return from ?? to;
  return (((from + shortestTurn(from, to) * done) % 360) + 360) % 360;
}

/** Ways between fixes that follow each other soon enough; a slow drift at a standstill adds nothing. */
function metresOf({ ms, lon, lat, speed }: Slice): Float32Array {
  const metres = new Float32Array(ms.length);
  let sum = 0;
  let anchor = 0;
  for (let index = 1; index < ms.length; index += 1) {
    const cos = Math.cos(((lat[index] as number) / DEGREE) * (Math.PI / 180));
    const dx = ((lon[index] as number) - (lon[anchor] as number)) * cos;
    const dy = (lat[index] as number) - (lat[anchor] as number);
    const wayM = Math.hypot(dx, dy) * METRES_PER_UNIT;
    const isSilence = (ms[index] as number) - (ms[index - 1] as number) > SILENCE_MS;
    const told = speed[index] as number;
    const isDriving = told === NOT_TOLD || told >= MOVING_KMH * 10;
    if (isSilence || wayM > NOISE_M || isDriving) {
      if (!isSilence && (isDriving || wayM > MOVING_M)) sum += wayM;
      if (isSilence || isDriving || wayM > MOVING_M) anchor = index;
    }
    metres[index] = sum;
  }
  return metres;
}

/** From tracks to what the graphics card draws, a chunk at a time; what was built once is kept. */
import { mercatorX, mercatorY } from '../live/mercator';
import { DEGREE } from './decode';
import { appendJoin, appendLine, inBlocks, type LineFrame, VERTEX_FLOATS } from './lines';
import { pacer } from './pacer';
import type { Tracks } from './tracks';
import type { Way } from './way-layer';

/** Of many vehicles only the last half hour is drawn: no more than that goes to the graphics card. */
const BLOCK_S = 30 * 60;

export class Ways {
  readonly frame: LineFrame;
  private readonly byChunk = new Map<number, { stamp: object; ways: Way[] }>();

  constructor(private readonly tracks: Tracks) {
    this.frame = { origin: originOf(tracks), fromMs: tracks.window.fromMs };
  }

  /** Those of all chunks that are here, with what joins them. `isWanted` ends the work early. */
  async build(selected: number | null, isWanted: () => boolean): Promise<Way[] | null> {
    const { tracks } = this;
    const pause = pacer();
    for (const chunk of tracks.chunks.keys()) {
      const stamp = tracks.stampOf(chunk);
      if (stamp === null || this.byChunk.get(chunk)?.stamp === stamp) continue;
      const out: number[] = [];
      for (const [index, id] of tracks.ids.entries()) {
        const piece = tracks.pieceOf(id, chunk);
        if (piece) appendLine(out, index + 1, piece, this.frame);
        await pause();
        if (!isWanted()) return null;
      }
      this.byChunk.set(chunk, { stamp, ways: inBlocks(out, BLOCK_S).map(wayOf) });
    }
    return [
      ...[...this.byChunk.values()].flatMap(({ ways }) => ways),
      this.joins(),
      ...this.whole(selected),
    ];
  }

  private joins(): Way {
    const out: number[] = [];
    for (const [index, id] of this.tracks.ids.entries()) {
      const pieces = this.tracks.piecesOf(id);
      for (let at = 1; at < pieces.length; at += 1) {
        const [end, start] = [pieces[at - 1], pieces[at]];
        if (end && start && this.areNeighbours(end.chunk, start.chunk)) {
          appendJoin(out, index + 1, end.piece, start.piece, this.frame);
        }
      }
    }
    return { vertices: new Float32Array(out), fromS: 0, toS: Number.POSITIVE_INFINITY };
  }

  /** All chunks between them are here, and empty. */
  private areNeighbours(end: number, start: number): boolean {
    for (let chunk = end + 1; chunk < start; chunk += 1) {
      if (!this.tracks.isLoaded(chunk)) return false;
    }
    return true;
  }

  /** The selected one once more, for when of the others only a trail is drawn. */
  private whole(selected: number | null): Way[] {
    const index = selected === null ? -1 : this.tracks.ids.indexOf(selected);
    if (selected === null || index < 0) return [];
    const out: number[] = [];
    for (const { piece } of this.tracks.piecesOf(selected)) {
      appendLine(out, index + 1, piece, this.frame);
      out.push(0, 0, 0, 0);
    }
    return [{ vertices: new Float32Array(out), fromS: 0, toS: 0, always: true }];
  }
}

/** Floats keep millimetres near it: the first position that is known. */
function originOf(tracks: Tracks): [number, number] {
  for (const id of tracks.ids) {
    const piece = tracks.piecesOf(id)[0]?.piece;
    if (!piece) continue;
    return [
      mercatorX((piece.lon[0] as number) / DEGREE),
      mercatorY((piece.lat[0] as number) / DEGREE),
    ];
  }
  return [0.5, 0.5];
}

function wayOf(vertices: number[]): Way {
  let fromS = Number.POSITIVE_INFINITY;
  let toS = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < vertices.length; at += VERTEX_FLOATS) {
    // What ends a line belongs to nobody and has no time.
    if (vertices[at + 3] === 0) continue;
    fromS = Math.min(fromS, vertices[at + 2] as number);
    toS = Math.max(toS, vertices[at + 2] as number);
  }
  return { vertices: new Float32Array(vertices), fromS, toS };
}

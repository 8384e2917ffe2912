/** The window in pieces: so many vehicle hours at once, and the piece under the playhead comes first. */

const HOUR_MS = 3_600_000;
/** Half of what the server gives at once, so that the first piece is there within a second. */
const VEHICLE_HOURS = 200;
const LONGEST_H = 24;
const SHORTEST_H = 1;
export const MOST_VEHICLES = 200;

export interface Span {
  fromMs: number;
  toMs: number;
}

export function chunkHours(vehicles: number): number {
  const hours = Math.floor(VEHICLE_HOURS / Math.max(1, vehicles));
  return Math.min(LONGEST_H, Math.max(SHORTEST_H, hours));
}

export function chunksOf({ fromMs, toMs }: Span, vehicles: number): Span[] {
  const stepMs = chunkHours(vehicles) * HOUR_MS;
  const chunks: Span[] = [];
  for (let at = fromMs; at < toMs; at += stepMs) {
    chunks.push({ fromMs: at, toMs: Math.min(at + stepMs, toMs) });
  }
  return chunks;
}

/** The last chunk also holds the window's end. */
export function chunkAt(chunks: readonly Span[], ms: number): number {
  const found = chunks.findIndex((chunk) => ms < chunk.toMs);
  return found < 0 ? chunks.length - 1 : found;
}

/** The chunk under the playhead, then those after it, then those before it, the nearest first. Null: nothing is left. */
export function nextChunk(
  current: number,
  isWanted: (chunk: number) => boolean,
  count: number,
): number | null {
  for (let chunk = current; chunk < count; chunk += 1) if (isWanted(chunk)) return chunk;
  for (let chunk = current - 1; chunk >= 0; chunk -= 1) if (isWanted(chunk)) return chunk;
  return null;
}

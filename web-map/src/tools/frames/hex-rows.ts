/** A frame as a hex view draws it: rows of bytes, and in them the parts, cut where a row ends. */
import type { FramePart } from '../../api/frames';

export const ROW_BYTES = 16;

export interface Segment {
  /** Which part of the frame. */
  part: number;
  /** The offset of its first byte. */
  start: number;
  /** Empty: something is missing here, and that is a fault. */
  bytes: string[];
  /** Whether the part begins here, and whether it ends here. */
  opens: boolean;
  closes: boolean;
}

export interface HexRow {
  offset: number;
  segments: Segment[];
}

export function hexRows(parts: readonly FramePart[]): HexRow[] {
  const rows: HexRow[] = [];
  parts.forEach((part, index) => {
    const bytes = bytesOf(part.hex);
    if (bytes.length === 0) {
      // A row of its own for what is missing at the end of a full row would be a row of nothing.
      const row = rows.at(-1) ?? newRow(rows, 0);
      const missing = { part: index, start: part.range.start, bytes, opens: true, closes: true };
      if (part.fault) row.segments.push(missing);
      return;
    }
    for (let done = 0; done < bytes.length; ) {
      const start = part.range.start + done;
      const offset = start - (start % ROW_BYTES);
      const row = rows.at(-1)?.offset === offset ? rows.at(-1) : newRow(rows, offset);
      const taken = bytes.slice(done, done + ROW_BYTES - (start % ROW_BYTES));
      const closes = done + taken.length === bytes.length;
      row?.segments.push({ part: index, start, bytes: taken, opens: done === 0, closes });
      done += taken.length;
    }
  });
  return rows;
}

/** Which part the byte at this offset belongs to; null outside of the frame. */
export function partAt(parts: readonly FramePart[], offset: number): number | null {
  const found = parts.findIndex(({ range }) => range.start <= offset && offset < range.end);
  return found === -1 ? null : found;
}

export function bytesOf(hex: string): string[] {
  return hex.match(/../g) ?? [];
}

function newRow(rows: HexRow[], offset: number): HexRow {
  const row = { offset, segments: [] };
  rows.push(row);
  return row;
}

/** Where an arrow key leads from a part; null where it leads nowhere. */
import type { FramePart } from '../../api/frames';
import { partAt, ROW_BYTES } from './hex-rows';

/** Among bytes: sideways to the next part that has some, up and down to the part that stands there. */
export function stepInHex(parts: readonly FramePart[], at: number, key: string): number | null {
  const range = parts[at]?.range;
  if (!range) return null;
  const last = (parts.at(-1)?.range.end ?? 0) - 1;
  switch (key) {
    case 'ArrowLeft':
      return partAt(parts, range.start - 1);
    case 'ArrowRight':
      return partAt(parts, range.end);
    case 'ArrowUp':
      return partAt(parts, range.start - ROW_BYTES);
    case 'ArrowDown':
      // A part of several rows is left where it ends.
      return partAt(parts, Math.max(range.start + ROW_BYTES, range.end));
    case 'Home':
      return partAt(parts, 0);
    case 'End':
      return partAt(parts, last);
    default:
      return null;
  }
}

/** Among rows, which what is missing has too. */
export function stepInTable(count: number, at: number, key: string): number | null {
  const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: count - 1 }[key];
  return to !== undefined && to >= 0 && to < count ? to : null;
}

/** Where the tab key enters a hex view: at the chosen part, or beside it if that has no bytes. */
export function hexEntry(parts: readonly FramePart[], chosen: number | null): number | null {
  const start = parts[chosen ?? 0]?.range.start ?? 0;
  return partAt(parts, start) ?? partAt(parts, start - 1) ?? partAt(parts, 0);
}

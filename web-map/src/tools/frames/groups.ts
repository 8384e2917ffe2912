/** The parts of a frame in the order of their bytes, those of one location of a batch together. */
import type { FramePart } from '../../api/frames';

export interface PartGroup {
  /** Null for what belongs to the whole frame. */
  location: number | null;
  start: number;
  end: number;
  rows: { index: number; part: FramePart }[];
}

export function groupsOf(parts: readonly FramePart[]): PartGroup[] {
  const groups: PartGroup[] = [];
  parts.forEach((part, index) => {
    const { location, range } = part;
    let group = groups.at(-1);
    if (!group || group.location !== location) {
      group = { location, start: range.start, end: range.end, rows: [] };
      groups.push(group);
    }
    group.end = range.end;
    group.rows.push({ index, part });
  });
  return groups;
}

/** `5` for one byte, `5–10` for several: the first and the last. */
export function offsetText({ start, end }: { start: number; end: number }): string {
  return end - start > 1 ? `${start}–${end - 1}` : String(start);
}

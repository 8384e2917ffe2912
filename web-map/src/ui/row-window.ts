/** Which rows of a long list of equal heights are worth drawing. */

export interface RowWindow {
  first: number;
  /** One beyond the last. */
  end: number;
}

const OVERSCAN = 8;

export function rowWindow(
  scrollPx: number,
  heightPx: number,
  rowPx: number,
  rows: number,
): RowWindow {
  const first = Math.max(0, Math.floor(scrollPx / rowPx) - OVERSCAN);
  const end = Math.ceil((scrollPx + heightPx) / rowPx) + OVERSCAN;
  return { first: Math.min(first, rows), end: Math.min(rows, end) };
}

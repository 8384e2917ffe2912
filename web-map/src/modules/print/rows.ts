/** Cells of a form in rows of two; a long one has a row alone. Pure. */
export interface Cell {
  title: string;
  text: string;
  /** What stands behind the text, for whoever points at it. */
  hint?: string | undefined;
  isLong: boolean;
}

export function pairedRows(cells: readonly Cell[]): Cell[][] {
  const rows: Cell[][] = [];
  let open: Cell | null = null;
  const close = () => {
    if (open) rows.push([open]);
    open = null;
  };
  for (const cell of cells) {
    if (cell.isLong) {
      close();
      rows.push([cell]);
    } else if (open) {
      rows.push([open, cell]);
      open = null;
    } else {
      open = cell;
    }
  }
  close();
  return rows;
}

/** A list that was scrolled far stays as it is while its beginning is asked for again. Numbers grow: the newest stands first. */

export interface Page<T> {
  /** The newest first. */
  items: readonly T[];
  /** What to ask for as `before`; null at the end. */
  next: number | null;
  /** How many there are on this page and on later ones, where the answer says so. */
  total?: number | null;
  /** There are more than `total`. */
  is_total_capped?: boolean;
}

/** As far as the new first page goes it is right; what is older is kept, unless more came than the page holds. */
export function merged<T>(known: Page<T>, first: Page<T>, idOf: (item: T) => number): Page<T> {
  const last = first.next;
  if (last === null) return first;
  const newest = known.items[0];
  if (newest === undefined || idOf(newest) < last) return first;
  const older = known.items.filter((item) => idOf(item) < last);
  if (older.length === 0) return first;
  return { items: [...first.items, ...older], next: known.next };
}

/** The item as it is now, where it stands in the list. */
export function put<T>(page: Page<T>, item: T, idOf: (item: T) => number): Page<T> {
  const items = page.items.map((one) => (idOf(one) === idOf(item) ? item : one));
  return { ...page, items };
}

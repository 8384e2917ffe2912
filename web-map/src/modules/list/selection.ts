/** Which rows are chosen, as a set that is never changed in place. Pure. */
export function toggled<T>(selected: ReadonlySet<T>, id: T): Set<T> {
  const next = new Set(selected);
  if (!next.delete(id)) next.add(id);
  return next;
}

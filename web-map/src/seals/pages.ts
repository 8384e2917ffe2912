/** A list that was scrolled far stays as it is while its beginning is asked for again. */
import type { Seal, SealPage } from '../api/seals';

/** As far as the new first page goes it is right; what comes later in the list is kept, if the two meet. */
export function merged(known: SealPage, first: SealPage): SealPage {
  const last = first.items.at(-1);
  const beginning = known.items[0];
  if (first.next === null || !last || !beginning || isLater(beginning, last)) return first;
  const rest = known.items.filter((seal) => isLater(seal, last));
  return rest.length === 0 ? first : { items: [...first.items, ...rest], next: known.next };
}

/** Whether one stands below another: the last to begin comes first. */
function isLater(one: Seal, other: Seal): boolean {
  const ms = Date.parse(other.starts_at) - Date.parse(one.starts_at);
  return ms > 0 || (ms === 0 && one.seal_id < other.seal_id);
}

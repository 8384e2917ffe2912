/** The way into the room: from a place of the map to the question about it. */
import type { Position } from '../../fences/geo';
import { NEARBY_LIST } from '../../router/view-url';
import { useView } from '../../stores/view';
import { isNarrow } from '../../ui/media';
import { encodeNear, USUAL_COUNT } from './question';

export function askNear(at: Position) {
  const view = useView();
  const status = view.list === NEARBY_LIST ? view.status : null;
  const near = encodeNear({ form: 'point', points: [at], metres: null, count: USUAL_COUNT });
  // A narrow window has no room for the card beside the answer.
  if (isNarrow.value) view.select(null);
  view.openList(NEARBY_LIST, status, near);
}

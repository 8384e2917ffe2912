/** Keeps the marks of the answer on the map for as long as the panel is open. */
import { onScopeDispose, watch } from 'vue';
import type { VacantRoom } from '../../api/space';
import { onMapReady, styledMap } from '../../map/map';
import { useView } from '../../stores/view';
import { drawVacant, eraseVacant } from './marks';

export function useMarks(rooms: () => readonly VacantRoom[]) {
  const view = useView();

  function draw() {
    const map = styledMap();
    if (!map?.style) return;
    eraseVacant(map);
    if (rooms().length === 0) return;
    const css = getComputedStyle(document.documentElement);
    const token = (name: string) => css.getPropertyValue(name).trim();
    drawVacant(
      map,
      rooms(),
      view.selected?.kind === 'room' ? view.selected.id : null,
      token('--om-accent') || '#1f5fbf',
      token('--om-on-accent') || '#ffffff',
    );
  }

  watch([rooms, () => view.theme, () => view.selected], draw, { flush: 'post' });
  const stop = onMapReady(draw);
  onScopeDispose(() => {
    stop();
    const map = styledMap();
    if (map?.style) eraseVacant(map);
  });
}

/** Something read from the ledger, read again when documents change what the map shows of that place. */
import { onScopeDispose } from 'vue';
import type { Bbox } from '../api';
import { onLayerChanged } from '../map/changes';
import { intersection } from '../map/tile-cover';
import { useCatalogue } from '../stores/catalogue';
import { type Resource, useResource } from '../ui/resource';

/** One posting moves several layers. */
const SETTLE_MS = 400;

export function useLedger<K, T>(
  key: () => K | null,
  fetcher: (key: K, signal: AbortSignal) => Promise<T>,
  bbox: () => Bbox | null,
): Resource<T> {
  const catalogue = useCatalogue();
  const resource = useResource(key, fetcher);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = onLayerChanged(({ layer, bboxes }) => {
    const here = bbox();
    const isLedger = layer === 'rooms' || catalogue.themes.some((one) => one.layer_id === layer);
    if (!isLedger || !here) return;
    if (bboxes.length > 0 && !bboxes.some((box) => intersection(box, here))) return;
    clearTimeout(timer);
    timer = setTimeout(() => void resource.reload(), SETTLE_MS);
  });
  onScopeDispose(() => {
    stop();
    clearTimeout(timer);
  });
  return resource;
}

/** A change in the data becomes new tiles for what is on screen, and for nothing else. */
import type { Map as MapLibreMap, VectorTileSource } from 'maplibre-gl';
import type { Bbox } from '../api/types';
import { type LayerChange, onLayerChanged } from './changes';
import { mapInstance } from './map';
import { touchedTiles } from './tile-cover';

/** Returns the way to stop. */
export function refreshOnChange(): () => void {
  return onLayerChanged((change) => {
    const map = mapInstance();
    if (map) refresh(map, change);
  });
}

function refresh(map: MapLibreMap, { layer, bboxes }: LayerChange) {
  const source = map.getSource<VectorTileSource>(layer);
  if (source?.type !== 'vector') return;
  const tiles = touchedTiles(bboxes, { bbox: boundsOf(map), zoom: map.getZoom() }, source);
  if (tiles.length > 0) map.refreshTiles(layer, tiles);
}

export function boundsOf(map: MapLibreMap): Bbox {
  const bounds = map.getBounds();
  return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
}

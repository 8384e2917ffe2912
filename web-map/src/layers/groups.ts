/** The catalogue as the tree shows it: groups in the order their first layer is drawn, the topmost first. */
import type { Bilingual, Layer } from '../api';

export interface LayerGroup {
  id: string;
  title: Bilingual;
  layers: Layer[];
}

export function groupLayers(layers: Layer[]): LayerGroup[] {
  const groups = new Map<string, LayerGroup>();
  for (const layer of [...layers].reverse()) {
    const group = groups.get(layer.group.id) ?? { ...layer.group, layers: [] };
    group.layers.push(layer);
    groups.set(group.id, group);
  }
  return [...groups.values()];
}

/** All shown, none, or some. */
export function groupState(group: LayerGroup, isVisible: (layer: string) => boolean) {
  const shown = group.layers.filter((layer) => isVisible(layer.layer_id)).length;
  if (shown === 0) return 'none';
  return shown === group.layers.length ? 'all' : 'some';
}

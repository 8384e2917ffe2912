/** The layer catalogue, fetched once and again when a layer's version moves. */
import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import { type Layer, type LegendEntry, listLayers } from '../api';
import { onLayerChanged } from '../map/changes';
import { useResource } from '../ui/resource';
import { useView } from './view';

const SETTLE_MS = 1500;

export const useCatalogue = defineStore('catalogue', () => {
  const view = useView();
  const { data, loading, problem, reload } = useResource(
    () => 'layers',
    (_, signal) => listLayers(signal),
  );
  const layers = computed(() => data.value ?? []);

  function isVisible(layer: string): boolean {
    const entry = layers.value.find(({ layer_id }) => layer_id === layer);
    return view.isLayerVisible(layer, entry?.visible ?? true);
  }

  let timer: ReturnType<typeof setTimeout> | undefined;
  onLayerChanged(() => {
    clearTimeout(timer);
    timer = setTimeout(() => void reload(), SETTLE_MS);
  });

  /** What the style says its colours mean, in the theme being drawn. */
  const drawn = shallowRef<Record<string, LegendEntry[]>>({});

  function setDrawnLegend(legend: Record<string, LegendEntry[]>) {
    drawn.value = legend;
  }

  function legendOf(layer: Layer): LegendEntry[] {
    return drawn.value[layer.layer_id] ?? layer.legend;
  }

  return { layers, data, loading, problem, reload, isVisible, setDrawnLegend, legendOf };
});

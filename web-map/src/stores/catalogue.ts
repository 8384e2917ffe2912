/** The layer catalogue, fetched once and again when a layer's version moves. */
import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import { type Layer, type LegendEntry, listLayers } from '../api';
import { type BaseMap, drawnBase, isBase, withBase } from '../layers/bases';
import { isTheme, switched } from '../layers/themes';
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

  /** What was known last: which layers are hidden at first is the same for everybody. */
  const known = shallowRef<Layer[] | null>(null);
  watch(
    data,
    (now) => {
      known.value = now ?? known.value;
    },
    { immediate: true },
  );
  const themes = computed(() => (known.value ?? []).filter(isTheme));
  /** The one theme that is on. An address may name several. */
  const theme = computed<Layer | null>(
    () =>
      themes.value.find(({ layer_id, visible }) => view.isLayerVisible(layer_id, visible)) ?? null,
  );

  /** What the style says lies under the layers. */
  const bases = shallowRef<BaseMap[]>([]);
  const base = computed(() => drawnBase(bases.value, view.layers));

  function setBases(there: BaseMap[]) {
    bases.value = there;
  }

  function setBase(chosen: string | null) {
    view.layers = withBase(bases.value, view.layers, chosen);
  }

  /** While nobody knows which layers are hidden at first, none is drawn; without a catalogue, all are. */
  function isVisible(layer: string): boolean {
    if (isBase(layer)) return base.value?.id === layer;
    const entry = known.value?.find(({ layer_id }) => layer_id === layer);
    if (entry && isTheme(entry)) return theme.value?.layer_id === layer;
    const fallback = known.value !== null || problem.value !== null;
    return view.isLayerVisible(layer, entry?.visible ?? fallback);
  }

  function setLayer(layer: string, on: boolean) {
    view.layers = switched(known.value ?? [], view.layers, layer, on);
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

  return {
    layers,
    data,
    loading,
    problem,
    reload,
    themes,
    theme,
    bases,
    base,
    setBases,
    setBase,
    isVisible,
    setLayer,
    setDrawnLegend,
    legendOf,
  };
});

/** Layers of one's own on the one map, for as long as whoever asks for them lives. */
import type { LayerSpecification, Map as MapLibreMap } from 'maplibre-gl';
import { onScopeDispose, watch } from 'vue';
import { VEHICLE_LAYER } from '../live/vehicle-layer';
import { useView } from '../stores/view';
import { onMapReady, styledMap } from './map';

export interface Overlay {
  /** Puts on a style what it does not have, and paints what it has in the colours of now. */
  dress: (map: MapLibreMap) => void;
  isDressed: (map: MapLibreMap) => boolean;
  /** Gives the sources their data. */
  show: (map: MapLibreMap) => void;
  undress: (map: MapLibreMap) => void;
}

/** Answers what to call when the data are others. */
export function useOverlay({ dress, isDressed, show, undress }: Overlay): () => void {
  const view = useView();
  let attached: MapLibreMap | null = null;

  // A change of theme keeps what was drawn before and drops what was added.
  const redress = () => {
    const map = styledMap();
    if (map?.style && !isDressed(map)) attach(map);
  };

  function attach(map: MapLibreMap) {
    if (attached !== map) {
      attached = map;
      map.on('styledata', redress);
    }
    dress(map);
    show(map);
  }

  watch(
    () => view.theme,
    () => {
      const map = styledMap();
      if (map?.style) dress(map);
    },
    { flush: 'post' },
  );
  const stop = onMapReady(attach);
  onScopeDispose(() => {
    stop();
    attached?.off('styledata', redress);
    if (attached?.style) undress(attached);
  });

  return () => {
    const map = styledMap();
    if (map?.style && isDressed(map)) show(map);
  };
}

/** Puts the layers on a style, or paints them again. What is not `above` the marks of vehicles lies under them. */
export function dressLayers(
  map: MapLibreMap,
  layers: readonly LayerSpecification[],
  isAbove: (id: string) => boolean,
) {
  const font = fontOf(map);
  for (const layer of layers) {
    if (map.getLayer(layer.id)) {
      for (const [name, value] of Object.entries(layer.paint ?? {})) {
        map.setPaintProperty(layer.id, name as never, value as never);
      }
      continue;
    }
    const before = !isAbove(layer.id) && map.getLayer(VEHICLE_LAYER) ? VEHICLE_LAYER : undefined;
    const lettered =
      layer.type === 'symbol' && font
        ? { ...layer, layout: { ...layer.layout, 'text-font': font } }
        : layer;
    map.addLayer(lettered, before);
  }
}

export function undressLayers(
  map: MapLibreMap,
  layers: readonly string[],
  sources: readonly string[],
) {
  for (const id of layers) if (map.getLayer(id)) map.removeLayer(id);
  for (const source of sources) if (map.getSource(source)) map.removeSource(source);
}

/** In the lettering of the map. */
function fontOf(map: MapLibreMap): string[] | undefined {
  for (const layer of map.getStyle().layers) {
    const font = layer.type === 'symbol' ? layer.layout?.['text-font'] : undefined;
    if (Array.isArray(font) && typeof font[0] === 'string') return font as string[];
  }
  return undefined;
}

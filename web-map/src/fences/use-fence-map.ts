/** Fences on the one map: shown, chosen, drawn; everything is taken away again when the page is left. */
import type { Map as MapLibreMap } from 'maplibre-gl';
import { onScopeDispose, type Ref, watch } from 'vue';
import type { Bbox } from '../api';
import type { Fence } from '../api/fences';
import { onMapReady, styledMap } from '../map/map';
import { useOverlay } from '../map/overlay';
import { placesAt } from '../map/pointer';
import type { Pixel } from './hit';
import { dressFences, hasFences, PICKED_LAYERS, showFences, undressFences } from './layers';
import { fenceFeatures } from './shapes';
import type { Drawing } from './use-sketch';
import { useSketchMap } from './use-sketch-map';

const CLOSEST = 17.5;
const MARGIN_PX = 56;

export const PLACE_KINDS: readonly string[] = ['building', 'parcel'];

interface Around {
  fences: Readonly<Ref<readonly Fence[]>>;
  chosen: Readonly<Ref<number | null>>;
  drawing: Drawing;
  choose: (id: number | null) => void;
  choosePlace: (id: number) => void;
}

export interface FenceMap {
  flyTo: (bounds: Bbox | null) => void;
}

export function useFenceMap(around: Around): FenceMap {
  const { drawing } = around;
  /** Asked for before there was a map. */
  let wanted: Bbox | null = null;

  const isDrawing = () => drawing.sketch.value !== null;
  const draw = useOverlay({
    dress: dressFences,
    isDressed: hasFences,
    undress: undressFences,
    show: (map) => {
      // What is being changed is drawn as it becomes, and not as it was.
      const others = isDrawing()
        ? around.fences.value.filter(({ fence_id }) => fence_id !== around.chosen.value)
        : around.fences.value;
      showFences(map, fenceFeatures(others, around.chosen.value));
    },
  });
  watch([around.fences, around.chosen, isDrawing], draw);

  function fenceAt(map: MapLibreMap, { x, y }: Pixel): number | null {
    const layers = PICKED_LAYERS.filter((id) => map.getLayer(id));
    const found = map.queryRenderedFeatures([x, y], { layers });
    // Of several the one drawn last is not the better choice: one press more goes on to the next.
    const ids = [...new Set(found.map(({ properties }) => Number(properties.fence)))];
    const at = ids.indexOf(around.chosen.value ?? -1);
    return ids[(at + 1) % Math.max(1, ids.length)] ?? null;
  }

  function placeAt(map: MapLibreMap, point: Pixel): number | null {
    for (const { kind, id } of placesAt(map, point)) if (PLACE_KINDS.includes(kind)) return id;
    return null;
  }

  useSketchMap(drawing, {
    otherwise: {
      press: ({ target, point }) => {
        if (!isDrawing()) {
          around.choose(fenceAt(target, point));
          return;
        }
        const place = placeAt(target, point);
        if (place !== null) around.choosePlace(place);
      },
      cursor: ({ target, point }) => {
        const found = isDrawing() ? placeAt(target, point) : fenceAt(target, point);
        return found === null ? '' : 'pointer';
      },
    },
  });

  function flyTo(bounds: Bbox | null) {
    const map = styledMap();
    wanted = map ? null : bounds;
    if (!map || !bounds) return;
    const { clientWidth } = map.getContainer();
    const padding = Math.min(MARGIN_PX, clientWidth / 8);
    map.fitBounds(bounds, { padding, maxZoom: CLOSEST, duration: 700 });
  }
  const stopReady = onMapReady(() => {
    if (wanted) flyTo(wanted);
  });
  onScopeDispose(stopReady);

  return { flyTo };
}

/** The clicked place and the building whose floors are open. */
import { defineStore } from 'pinia';
import { computed, watch } from 'vue';
import { type Feature, getFeature } from '../api';
import { moduleOf } from '../features/registry';
import { onLayerChanged } from '../map/changes';
import { layerOfKind } from '../map/style';
import { intersection } from '../map/tile-cover';
import { useResource } from '../ui/resource';
import { useView } from './view';

export const usePlace = defineStore('place', () => {
  const view = useView();
  // Kinds with a card of their own fetch their own data.
  const wanted = computed(() =>
    view.selected && !moduleOf(view.selected.kind)?.card ? view.selected.id : null,
  );
  const place = useResource(() => wanted.value, getFeature);

  /** Whose floors are open: often the clicked place itself. */
  const buildingId = computed(() => view.floor?.building_id ?? null);
  const building = useResource(() => buildingId.value, getFeature);
  const openBuilding = computed<Feature | null>(() =>
    place.data.value?.feature_id === buildingId.value ? place.data.value : building.data.value,
  );

  // A building opens on its ground floor, a room on its own.
  watch(place.data, (feature) => {
    const floor = feature && floorOf(feature);
    if (floor && !(view.floor?.building_id === floor.building_id && feature.kind === 'building')) {
      view.chooseFloor(floor);
    }
    if (!floor && feature && feature.kind === 'building') view.chooseFloor(null);
  });

  onLayerChanged(({ layer, bboxes }) => {
    const feature = place.data.value;
    if (!feature || (layerOfKind(feature.kind) ?? feature.layer_id) !== layer) return;
    if (bboxes.length > 0 && !bboxes.some((box) => intersection(box, feature.bbox))) return;
    void place.reload();
  });

  return {
    place: place.data,
    loading: place.loading,
    problem: place.problem,
    reload: place.reload,
    openBuilding,
  };
});

/** The floor a place opens by itself, or null. */
export function floorOf(feature: Feature): { building_id: number; ordinal: number } | null {
  if (feature.kind === 'building') {
    const ground =
      [...feature.floors].sort((a, b) => a.ordinal - b.ordinal).find((f) => f.ordinal >= 0) ??
      feature.floors[0];
    return ground ? { building_id: feature.feature_id, ordinal: ground.ordinal } : null;
  }
  const building = feature.parents.find(({ kind }) => kind === 'building');
  const ordinal = feature.ordinal ?? feature.parents.find(({ kind }) => kind === 'floor')?.ordinal;
  if (!building || ordinal === null || ordinal === undefined) return null;
  return { building_id: building.feature_id, ordinal };
}

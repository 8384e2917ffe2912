/** What is on the screen: the whole of it fits into the address bar (see `router/view-url.ts`). */
import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';

export interface Selection {
  kind: string;
  id: number;
}

export interface FloorChoice {
  building_id: number;
  ordinal: number;
}

export type Theme = 'light' | 'dark';
export type Lang = 'zh' | 'en';

export interface Camera {
  /** lon, lat */
  center: [number, number];
  zoom: number;
  bearing: number;
  pitch: number;
}

export const useView = defineStore('view', () => {
  /** Null until the address bar, a selection or the style has said where to look. */
  const camera = shallowRef<Camera | null>(null);
  const selected = shallowRef<Selection | null>(null);
  const floor = shallowRef<FloorChoice | null>(null);
  /** Layers switched by hand; others follow the catalogue. */
  const layers = shallowRef<Record<string, boolean>>({});
  const theme = ref<Theme>('light');
  const lang = ref<Lang>('zh');
  /** The open list panel (`vehicles`), with its filter. */
  const list = ref<string | null>(null);
  const status = ref<string | null>(null);
  /** Where the open list looks for things, as text. */
  const near = ref<string | null>(null);
  /** Moves on with every call of `openList`: a panel that is folded opens again. */
  const timesAsked = ref(0);

  function select(target: Selection | null) {
    selected.value = target;
  }

  function chooseFloor(choice: FloorChoice | null) {
    floor.value = choice;
  }

  function setLayer(layer: string, visible: boolean) {
    layers.value = { ...layers.value, [layer]: visible };
  }

  /** `fallback` is what the catalogue says. */
  function isLayerVisible(layer: string, fallback = true): boolean {
    return layers.value[layer] ?? fallback;
  }

  function openList(
    id: string | null,
    withStatus: string | null = null,
    withNear: string | null = null,
  ) {
    list.value = id;
    status.value = id ? withStatus : null;
    near.value = id ? withNear : null;
    timesAsked.value += 1;
  }

  return {
    camera,
    selected,
    floor,
    layers,
    theme,
    lang,
    list,
    status,
    near,
    timesAsked,
    select,
    chooseFloor,
    setLayer,
    isLayerVisible,
    openList,
  };
});

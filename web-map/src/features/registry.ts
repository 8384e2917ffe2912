/** The kinds of things that bring their own list, card or marks. A new kind is one line in `MODULES`. */
import type { Map as MapLibreMap } from 'maplibre-gl';
import type { Component } from 'vue';
import type { MessageKey } from '../i18n';
import { officeSpace } from '../office-space';
import type { Selection } from '../stores/view';
import { nearby } from './nearby';
import { vehicles } from './vehicles';

export interface ListPanel {
  id: string;
  title: MessageKey;
  icon: Component;
  panel: () => Promise<Component>;
  /** The list that leads to this one, which then has no button of its own. */
  under?: string;
}

export interface FeatureModule {
  /** The kind of `Selection` whose place is shown by `card`; also the layer whose visibility it follows. */
  kind: string;
  layer: string;
  /** A list panel, opened by a button beside the search box and by `?list=<id>`. */
  list?: ListPanel;
  /** The body of the right-hand panel; receives the prop `id`. */
  card?: () => Promise<Component>;
  /** More about a place in the default panel, by its kind; receives the prop `place`. */
  blocks?: Readonly<Record<string, () => Promise<Component>>>;
  /** Called once when the shell starts: open streams, add layers through `onMapReady`. */
  start?: () => void;
  /** The thing of this kind under a screen point, asked before the tiles are. */
  pick?: (map: MapLibreMap, point: { x: number; y: number }) => Selection | null;
}

export const MODULES: FeatureModule[] = [vehicles, nearby, officeSpace];

export function moduleOf(kind: string): FeatureModule | null {
  return MODULES.find((module) => module.kind === kind) ?? null;
}

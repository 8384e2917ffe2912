/** Themes 专题图 colour the same rooms, each by something else: only one of them can be seen at a time. */
import type { Layer } from '../api';

const THEME_GROUP = 'theme';

/** What a theme colours: its features are the rooms themselves. */
export const THEMED_KIND = 'room';

export function isTheme({ group }: Pick<Layer, 'group'>): boolean {
  return group.id === THEME_GROUP;
}

/** What is switched by hand once `id` is on or off: a theme that comes on takes the place of the one before. */
export function switched(
  layers: readonly Layer[],
  before: Record<string, boolean>,
  id: string,
  on: boolean,
): Record<string, boolean> {
  const after = { ...before, [id]: on };
  const layer = layers.find(({ layer_id }) => layer_id === id);
  if (!on || !layer || !isTheme(layer)) return after;
  for (const other of layers) {
    if (other.layer_id === id || !isTheme(other)) continue;
    if (other.visible) after[other.layer_id] = false;
    else delete after[other.layer_id];
  }
  return after;
}

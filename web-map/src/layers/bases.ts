/**
 * Base maps 底图 under the layers: one is drawn, or none. They are switched like layers, under the names that their sources
 * have in the style, so that the address of a view keeps the choice.
 */
import type { StyleSpecification } from 'maplibre-gl';

export interface BaseMap {
  /** Its source in the style. */
  id: string;
  title: string;
  attribution: string;
}

/** No layer of the catalogue has a dot in its name. */
const PREFIX = 'base.';

export function isBase(source: string): boolean {
  return source.startsWith(PREFIX);
}

/** `onemap:bases` of the style, in the order of the choice. */
export function basesOf(style: StyleSpecification): BaseMap[] {
  const told = (style.metadata as Record<string, unknown> | undefined)?.['onemap:bases'];
  if (!Array.isArray(told)) return [];
  return told.map(({ id, title, attribution }) => ({
    id: String(id),
    title: String(title),
    attribution: String(attribution ?? ''),
  }));
}

/** The one that is drawn: what was switched on by hand, else the first that was not switched off while nothing is on. */
export function drawnBase(
  bases: readonly BaseMap[],
  switched: Record<string, boolean>,
): BaseMap | null {
  const first = bases[0];
  if (!first) return null;
  const on = bases.find(({ id }) => switched[id] === true);
  return on ?? (switched[first.id] === false ? null : first);
}

/** What is switched by hand once this one is chosen; null for none. What is so at first is not said. */
export function withBase(
  bases: readonly BaseMap[],
  before: Record<string, boolean>,
  chosen: string | null,
): Record<string, boolean> {
  const after = Object.fromEntries(Object.entries(before).filter(([id]) => !isBase(id)));
  const first = bases[0]?.id;
  if (first === undefined || chosen === first) return after;
  return { ...after, [chosen ?? first]: chosen !== null };
}

/**
 * The view as an address and back. `c` is where the camera is, `at` what is selected, `floor` which floor of which building
 * is open, `layers` which layers were switched by hand (`-` for off), `list` the open list with its `status` and with where
 * it looks for things, `near`. What is at its default is left out.
 */
import type { Camera, FloorChoice, Lang, Selection, Theme } from '../stores/view';

export interface ViewState {
  camera: Camera | null;
  selected: Selection | null;
  floor: FloorChoice | null;
  layers: Record<string, boolean>;
  theme: Theme;
  lang: Lang;
  list: string | null;
  status: string | null;
  near: string | null;
}

export type Query = Record<string, string>;

/** The list of vehicles about a place. */
export const NEARBY_LIST = 'nearby';

/** Numbers, and what stands between them: see `features/nearby/question.ts`. */
const isNear = (text: string | null): text is string => /^[a-z]*:?[\d.,;~-]+$/.test(text ?? '');

export function encodeView(view: ViewState): Query {
  const query: Query = {};
  if (view.camera) query.c = encodeCamera(view.camera);
  if (view.selected) query.at = `${view.selected.kind}:${view.selected.id}`;
  if (view.floor) query.floor = `${view.floor.building_id}:${view.floor.ordinal}`;
  const layers = Object.entries(view.layers)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([layer, visible]) => (visible ? layer : `-${layer}`));
  if (layers.length > 0) query.layers = layers.join(',');
  if (view.theme !== 'light') query.theme = view.theme;
  if (view.lang !== 'zh') query.lang = view.lang;
  if (view.list) query.list = view.list;
  if (view.list && view.status) query.status = view.status;
  if (view.list && view.near) query.near = view.near;
  return query;
}

/** Anything may stand in an address: what cannot be read falls back to its default. */
export function decodeView(query: Record<string, unknown>): ViewState {
  const text = (key: string): string | null => {
    const value = query[key];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const near = text('near');
  // A link may say only where: that is a question to the list that asks so.
  const list = text('list') ?? (isNear(near) ? NEARBY_LIST : null);
  return {
    camera: decodeCamera(text('c')),
    selected: decodeSelection(text('at')),
    floor: decodeFloor(text('floor')),
    layers: decodeLayers(text('layers')),
    theme: text('theme') === 'dark' ? 'dark' : 'light',
    lang: text('lang') === 'en' ? 'en' : 'zh',
    list: list && /^[a-z_-]+$/.test(list) ? list : null,
    status: list ? text('status') : null,
    near: list && isNear(near) ? near : null,
  };
}

export function encodeCamera({ center, zoom, bearing, pitch }: Camera): string {
  const parts = [round(center[0], 6), round(center[1], 6), round(zoom, 2)];
  if (round(bearing, 1) !== 0 || round(pitch, 1) !== 0) parts.push(round(bearing, 1));
  if (round(pitch, 1) !== 0) parts.push(round(pitch, 1));
  return parts.join(',');
}

export function decodeCamera(text: string | null): Camera | null {
  const [lon, lat, zoom, bearing = 0, pitch = 0] = text?.split(',').map(Number) ?? [];
  if (lon === undefined || lat === undefined || zoom === undefined) return null;
  if (![lon, lat, zoom, bearing, pitch].every(Number.isFinite)) return null;
  if (Math.abs(lon) > 180 || Math.abs(lat) > 85 || zoom < 0 || zoom > 24) return null;
  return { center: [lon, lat], zoom, bearing, pitch: Math.max(0, Math.min(60, pitch)) };
}

function decodeSelection(text: string | null): Selection | null {
  const match = /^([a-z_]+):(\d{1,16})$/.exec(text ?? '');
  return match?.[1] && match[2] ? { kind: match[1], id: Number(match[2]) } : null;
}

function decodeFloor(text: string | null): FloorChoice | null {
  const match = /^(\d{1,16}):(-?\d{1,3})$/.exec(text ?? '');
  return match ? { building_id: Number(match[1]), ordinal: Number(match[2]) } : null;
}

function decodeLayers(text: string | null): Record<string, boolean> {
  const names = (text ?? '').split(',').filter((name) => /^-?[a-z0-9_][a-z0-9_.-]*$/.test(name));
  return Object.fromEntries(names.map((name) => [name.replace(/^-/, ''), !name.startsWith('-')]));
}

function round(value: number, digits: number): number {
  const rounded = Number(value.toFixed(digits));
  return rounded === 0 ? 0 : rounded;
}

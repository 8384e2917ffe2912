/**
 * From the server's style to the one the map draws: absolute addresses and the chosen layers. Pure, so that a change of
 * theme or language is one new style and one diff.
 */
import type { LayerSpecification, SourceSpecification, StyleSpecification } from 'maplibre-gl';
import type { LegendEntry } from '../api/types';

/** The open floor, as the style's filters ask for it: a change re-filters tiles that are already here. */
export const FLOOR_STATE = { building: 'om_building', ordinal: 'om_ordinal' } as const;
export const NO_FLOOR = { building: -1, ordinal: 0 } as const;

const OPEN_BUILDING = ['global-state', FLOOR_STATE.building];

/** What can be pointed at, the foremost first: tile layer and kind. */
export const TARGETS = [
  { layer: 'facilities', kind: 'facility' },
  { layer: 'rooms', kind: 'room' },
  { layer: 'buildings', kind: 'building' },
  { layer: 'parcels', kind: 'parcel' },
] as const;

export function layerOfKind(kind: string): string | null {
  return TARGETS.find((target) => target.kind === kind)?.layer ?? null;
}

export interface StyleChoice {
  origin: string;
  isVisible: (layer: string) => boolean;
  /** Whether buildings stand up, which a view from straight above would only blur. */
  isTilted: boolean;
}

/** From this pitch on buildings stand up. */
export const TILTED_FROM_DEG = 15;

export function prepareStyle(style: StyleSpecification, choice: StyleChoice): StyleSpecification {
  const { 'font-faces': fonts, sprite } = style;
  return {
    ...style,
    sources: Object.fromEntries(
      Object.entries(style.sources).map(([id, source]) => [id, absolute(source, choice.origin)]),
    ),
    ...(fonts ? { 'font-faces': absoluteFonts(fonts, choice.origin) } : {}),
    ...(typeof sprite === 'string' ? { sprite: absoluteUrl(sprite, choice.origin) } : {}),
    layers: style.layers.map((layer) => drawn(layer, choice)),
  };
}

/** The catalogue layer a style layer draws: source ids are layer ids. */
export function catalogueLayer(layer: LayerSpecification): string | null {
  return 'source' in layer && typeof layer.source === 'string' ? layer.source : null;
}

/** A layer follows its catalogue entry; blocks of buildings also follow the camera. */
export function visibilityOf(
  layer: LayerSpecification,
  { isVisible, isTilted }: Omit<StyleChoice, 'origin'>,
): 'visible' | 'none' {
  const source = catalogueLayer(layer);
  const isOn = (source === null || isVisible(source)) && (!isBlock(layer) || isTilted);
  return isOn ? 'visible' : 'none';
}

function isBlock(layer: LayerSpecification): boolean {
  return layer.type === 'fill-extrusion';
}

/** `{z}` must survive, so no URL parser here. */
export function absoluteUrl(url: string, origin: string): string {
  if (/^[a-z][a-z0-9+.-]*:/i.test(url)) return url;
  return `${origin}/${url.replace(/^\/+/, '')}`;
}

/** `onemap:legend` of the style: the colours of this theme. */
export function legendOf(style: StyleSpecification): Record<string, LegendEntry[]> {
  const legend = (style.metadata as Record<string, unknown> | undefined)?.['onemap:legend'];
  const isByLayer = legend !== null && typeof legend === 'object' && !Array.isArray(legend);
  return isByLayer ? (legend as Record<string, LegendEntry[]>) : {};
}

/** `onemap:notice` of the style: what must be said about the data wherever they are shown. */
export function noticeOf(style: StyleSpecification): { zh: string; en: string } | string | null {
  const notice = (style.metadata as Record<string, unknown> | undefined)?.['onemap:notice'];
  if (typeof notice === 'string') return notice || null;
  if (notice && typeof notice === 'object' && 'zh' in notice && 'en' in notice) {
    return { zh: String(notice.zh), en: String(notice.en) };
  }
  return null;
}

function drawn(layer: LayerSpecification, choice: StyleChoice): LayerSpecification {
  const visibility = visibilityOf(layer, choice);
  const layout = { ...layer.layout, visibility };
  // The block of an open building would hide its rooms.
  const filter = isBlock(layer) ? { filter: ['!=', ['id'], OPEN_BUILDING] } : {};
  return { ...layer, ...filter, layout } as LayerSpecification;
}

function absolute(source: SourceSpecification, origin: string): SourceSpecification {
  const next = { ...source };
  if ('url' in next && typeof next.url === 'string') next.url = absoluteUrl(next.url, origin);
  if ('tiles' in next && next.tiles) {
    next.tiles = next.tiles.map((url) => absoluteUrl(url, origin));
  }
  return next;
}

type FontFaces = NonNullable<StyleSpecification['font-faces']>;

function absoluteFonts(fonts: FontFaces, origin: string): FontFaces {
  return Object.fromEntries(
    Object.entries(fonts).map(([family, faces]) => [
      family,
      typeof faces === 'string'
        ? absoluteUrl(faces, origin)
        : faces.map((face) => ({ ...face, url: absoluteUrl(face.url, origin) })),
    ]),
  ) as FontFaces;
}

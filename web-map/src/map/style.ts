/**
 * From the server's style to the one the map draws: absolute addresses, the chosen layers, the open floor, and a mark for
 * what is pointed at. Everything here is pure, so that a change of theme or language is one new style and one diff.
 */
import type {
  ExpressionSpecification,
  FilterSpecification,
  LayerSpecification,
  SourceSpecification,
  StyleSpecification,
} from 'maplibre-gl';
import type { StyleName } from './map';

/** The open floor, as global state of the style: a change re-filters tiles that are already here. */
export const FLOOR_STATE = { building: 'om_building', ordinal: 'om_ordinal' } as const;
export const NO_FLOOR = { building: -1, ordinal: 0 } as const;

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
  name: StyleName;
  origin: string;
  isVisible: (layer: string) => boolean;
}

export function prepareStyle(style: StyleSpecification, choice: StyleChoice): StyleSpecification {
  const layers = style.layers.map((layer) => prepareLayer(layer, choice));
  const labels = layers.findIndex((layer) => layer.type === 'symbol');
  layers.splice(labels < 0 ? layers.length : labels, 0, ...highlights(layers, choice.name));
  const fonts = style['font-faces'];
  return {
    ...style,
    state: {
      ...style.state,
      [FLOOR_STATE.building]: { default: NO_FLOOR.building },
      [FLOOR_STATE.ordinal]: { default: NO_FLOOR.ordinal },
    },
    sources: Object.fromEntries(
      Object.entries(style.sources).map(([id, source]) => [id, absolute(source, choice.origin)]),
    ),
    ...(fonts ? { 'font-faces': absoluteFonts(fonts, choice.origin) } : {}),
    layers,
  };
}

/** The catalogue layer a style layer draws: source ids are layer ids. */
export function catalogueLayer(layer: LayerSpecification): string | null {
  return 'source' in layer && typeof layer.source === 'string' ? layer.source : null;
}

/** `{z}` must survive, so no URL parser here. */
export function absoluteUrl(url: string, origin: string): string {
  if (/^[a-z][a-z0-9+.-]*:/i.test(url)) return url;
  return `${origin}/${url.replace(/^\/+/, '')}`;
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

function prepareLayer(layer: LayerSpecification, choice: StyleChoice): LayerSpecification {
  const source = catalogueLayer(layer);
  if (source === null) return layer;
  let prepared = layer;
  if (!choice.isVisible(source)) {
    prepared = {
      ...prepared,
      layout: { ...prepared.layout, visibility: 'none' },
    } as LayerSpecification;
  }
  if (source === 'rooms' || source === 'floors') prepared = onOpenFloor(prepared);
  if (source === 'rooms' && prepared.type === 'fill') prepared = byOrganisation(prepared);
  if (source === 'buildings' && prepared.type === 'fill-extrusion') {
    prepared = narrowed(prepared, [
      '!=',
      ['id'],
      ['global-state', FLOOR_STATE.building],
    ] as ExpressionSpecification);
  }
  return prepared;
}

function onOpenFloor(layer: LayerSpecification): LayerSpecification {
  return narrowed(layer, [
    'all',
    ['==', ['get', 'building_id'], ['global-state', FLOOR_STATE.building]],
    ['==', ['get', 'ordinal'], ['global-state', FLOOR_STATE.ordinal]],
  ] as ExpressionSpecification);
}

function narrowed(layer: LayerSpecification, filter: ExpressionSpecification): LayerSpecification {
  const own = 'filter' in layer ? layer.filter : undefined;
  // A style that already asks for the open floor in its own words stays as it is.
  if (own !== undefined && JSON.stringify(own).includes('global-state')) return layer;
  const both = (own === undefined ? filter : ['all', own, filter]) as FilterSpecification;
  return { ...layer, filter: both } as LayerSpecification;
}

function byOrganisation(layer: LayerSpecification): LayerSpecification {
  if (JSON.stringify(layer.paint ?? {}).includes('org_color')) return layer;
  const color = ['to-color', ['get', 'org_color'], '#9aa3ad'] as ExpressionSpecification;
  return { ...layer, paint: { ...layer.paint, 'fill-color': color } } as LayerSpecification;
}

function highlights(layers: LayerSpecification[], name: StyleName): LayerSpecification[] {
  const color = name === 'light' ? '#1f5fbf' : '#8fbcff';
  const strength = (selected: number, hover: number) =>
    [
      'case',
      ['boolean', ['feature-state', 'selected'], false],
      selected,
      ['boolean', ['feature-state', 'hover'], false],
      hover,
      0,
    ] as ExpressionSpecification;
  return [...TARGETS].reverse().flatMap(({ layer: source }): LayerSpecification[] => {
    const drawn = layers.find(
      (layer) =>
        catalogueLayer(layer) === source && (layer.type === 'fill' || layer.type === 'circle'),
    );
    if (!drawn || !('source-layer' in drawn)) return [];
    const common = {
      id: `om-mark-${source}`,
      source,
      'source-layer': drawn['source-layer'] as string,
      ...(drawn.minzoom === undefined ? {} : { minzoom: drawn.minzoom }),
      ...('filter' in drawn && drawn.filter ? { filter: drawn.filter } : {}),
      layout: { visibility: drawn.layout?.visibility ?? 'visible' },
    };
    if (drawn.type === 'circle') {
      const paint = {
        'circle-radius': 9,
        'circle-opacity': 0,
        'circle-stroke-color': color,
        'circle-stroke-width': strength(2.5, 1.5),
      };
      return [{ ...common, type: 'circle', paint } as LayerSpecification];
    }
    const paint = { 'line-color': color, 'line-width': strength(2.5, 1.5) };
    return [{ ...common, type: 'line', paint } as LayerSpecification];
  });
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

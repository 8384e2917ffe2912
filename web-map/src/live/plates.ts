/**
 * Number plates beside the marks: an ordinary symbol layer, so that they give way to each other and to other names.
 * Only near enough to read, only for as many as can be read, and no more often than the map can afford.
 */
import type { GeoJSONSource, Map as MapLibreMap, SymbolLayerSpecification } from 'maplibre-gl';
import type { Fleet, Shown } from './fleet';
import { type Camera, visibleSlots } from './pick';

export const PLATE_LAYER = 'live-plates';
const PLATE_MIN_ZOOM = 14;
const PLATE_LIMIT = 300;
const FASTEST_MS = 200;
const SLOWEST_MS = 2_000;
/** The share of the main thread that plates may take is one in this many. */
const COST_SHARE = 20;

type Points = GeoJSON.FeatureCollection<GeoJSON.Point, { plate: string; selected: boolean }>;

export interface PlateColors {
  text: string;
  halo: string;
}

export class Plates {
  private map: MapLibreMap | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private empty = true;
  private drawnRevision = -1;
  private drawnUntilMs = 0;
  private visible = true;

  constructor(
    private readonly fleet: Fleet,
    private readonly camera: () => Camera | null,
    private readonly selected: () => number | null,
    private readonly now: () => number = () => performance.now(),
  ) {}

  attach(map: MapLibreMap, colors: PlateColors, scale: number): void {
    this.map = map;
    if (map.getSource(PLATE_LAYER) === undefined) {
      map.addSource(PLATE_LAYER, { type: 'geojson', data: points([], null) });
      map.addLayer(layer(map, colors, scale));
    }
    this.empty = true;
    this.drawnRevision = -1;
    if (this.timer === undefined) this.tick();
  }

  detach(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.map = null;
  }

  setVisible(visible: boolean): void {
    this.visible = visible;
    this.drawnRevision = -1;
  }

  /** The view moved or another vehicle was selected. */
  moved(): void {
    this.drawnRevision = -1;
  }

  private readonly tick = (): void => {
    const startMs = this.now();
    if (!document.hidden) this.draw(startMs);
    const costMs = this.now() - startMs;
    this.timer = setTimeout(
      this.tick,
      Math.min(SLOWEST_MS, Math.max(FASTEST_MS, costMs * COST_SHARE)),
    );
  };

  private draw(nowMs: number): void {
    const { map } = this;
    const camera = this.camera();
    // Between a lost WebGL context and its return the map has no style.
    if (map === null || camera === null || !map.style) return;
    const source = map.getSource<GeoJSONSource>(PLATE_LAYER);
    if (source === undefined) return;
    if (!this.visible || map.getZoom() < PLATE_MIN_ZOOM) {
      if (!this.empty) source.setData(points([], null));
      this.empty = true;
      return;
    }
    const still = this.drawnRevision === this.fleet.revision && nowMs > this.drawnUntilMs;
    if (still) return;
    const slots = visibleSlots(this.fleet, camera, PLATE_LIMIT, nowMs);
    const shown = slots.map((slot) => this.fleet.shownAt(slot, nowMs));
    source.setData(points(shown, this.selected()));
    this.empty = slots.length === 0;
    this.drawnRevision = this.fleet.revision;
    this.drawnUntilMs = this.fleet.movingUntilMs + FASTEST_MS;
  }
}

function points(shown: Shown[], selected: number | null): Points {
  return {
    type: 'FeatureCollection',
    features: shown.map(({ id, lon, lat, plate }) => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [lon, lat] },
      properties: { plate, selected: id === selected },
    })),
  };
}

function layer(map: MapLibreMap, colors: PlateColors, scale: number): SymbolLayerSpecification {
  const font = fontOf(map);
  return {
    id: PLATE_LAYER,
    type: 'symbol',
    source: PLATE_LAYER,
    minzoom: PLATE_MIN_ZOOM,
    layout: {
      'text-field': ['get', 'plate'],
      ...(font === null ? {} : { 'text-font': font }),
      'text-size': 11.5 * scale,
      'text-anchor': 'top',
      // Below the mark, and below the ring of the selected one.
      'text-offset': ['case', ['get', 'selected'], ['literal', [0, 2]], ['literal', [0, 1.15]]],
      'text-padding': 1,
    },
    paint: { 'text-color': colors.text, 'text-halo-color': colors.halo, 'text-halo-width': 1.5 },
  };
}

/** The font of the style's own names, so that no second one is fetched. */
export function fontOf(map: MapLibreMap): string[] | null {
  for (const { layout } of map.getStyle().layers.filter((item) => item.type === 'symbol')) {
    const font: unknown = layout?.['text-font'];
    if (isNames(font)) return font;
  }
  return null;
}

function isNames(font: unknown): font is string[] {
  return Array.isArray(font) && font.every((name) => typeof name === 'string');
}

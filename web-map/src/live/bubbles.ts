/**
 * Clusters on the map: a disc with the number, larger for more, with a ring in the colours of standing and driving. Ordinary
 * layers, so that a press goes nearer as it does at the clusters of other layers (see `map/pointer.ts`, which knows them by
 * the end of their name).
 */
import type { Feature, FeatureCollection, Point } from 'geojson';
import type {
  ExpressionSpecification,
  GeoJSONSource,
  LayerSpecification,
  Map as MapLibreMap,
} from 'maplibre-gl';
import { formatShort } from '../ui/format';
import { type Cluster, drivingShare, radiusPx } from './clusters';
import { latOf, lonOf } from './mercator';
import { fontOf } from './plates';

export const BUBBLE_SOURCE = 'live-clusters';
export const BUBBLE_LAYER = 'live-vehicles-cluster';
const COUNT_LAYER = 'live-vehicles-count';
/** A map that draws nothing must not keep the marks of before for longer. */
const DRAWN_WITHIN_MS = 800;
const NOTHING: FeatureCollection = { type: 'FeatureCollection', features: [] };

/** The tokens of the theme that bubbles are drawn in. */
export interface BubbleColors {
  disc: string;
  text: string;
  moving: string;
  idle: string;
  offline: string;
}

export class Bubbles {
  private map: MapLibreMap | null = null;
  private data = NOTHING;
  private isEmpty = true;

  /** Puts them on a style that has none, under the mark of a vehicle that is told as itself. */
  attach(map: MapLibreMap, colors: BubbleColors, scale: number, before?: string): void {
    this.map = map;
    if (map.getSource(BUBBLE_SOURCE) !== undefined) return;
    map.addSource(BUBBLE_SOURCE, { type: 'geojson', data: this.data });
    for (const layer of layers(colors, scale, fontOf(map))) map.addLayer(layer, before);
  }

  /** Resolves once they are drawn, or when nobody can see them. */
  async show(clusters: Iterable<Cluster>): Promise<void> {
    this.data = bubbles(clusters);
    const isEmpty = this.data.features.length === 0;
    if (isEmpty && this.isEmpty) return;
    this.isEmpty = isEmpty;
    const { map } = this;
    // Between a lost WebGL context and its return the map has no style; it is given the data with its next one.
    const source = map?.style ? map.getSource<GeoJSONSource>(BUBBLE_SOURCE) : undefined;
    if (!map || source === undefined) return;
    // A map that goes meanwhile draws nothing more.
    const drawn = source.setData(this.data).then(
      () => drawnOn(map),
      () => undefined,
    );
    await Promise.race([drawn, after(DRAWN_WITHIN_MS)]);
  }

  /** Those of an old picture lose their colour, as the marks do. */
  setAlive(colors: BubbleColors, alive: boolean): void {
    const { map } = this;
    if (!map?.style || map.getLayer(BUBBLE_LAYER) === undefined) return;
    map.setPaintProperty(BUBBLE_LAYER, 'circle-stroke-color', ring(colors, alive));
  }
}

/** As features: the number, the radius, and the share that drives, −1 where all are silent. */
export function bubbles(clusters: Iterable<Cluster>): FeatureCollection<Point> {
  const features: Feature<Point>[] = [];
  for (const cluster of clusters) {
    features.push({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [lonOf(cluster.x), latOf(cluster.y)] },
      properties: {
        text: formatShort(cluster.count),
        count: cluster.count,
        radius: radiusPx(cluster.count),
        driving: drivingShare(cluster) ?? -1,
      },
    });
  }
  return { type: 'FeatureCollection', features };
}

function ring(
  { moving, idle, offline }: BubbleColors,
  alive: boolean,
): string | ExpressionSpecification {
  if (!alive) return offline;
  const driving: ExpressionSpecification = ['get', 'driving'];
  return [
    'case',
    ['<', driving, 0],
    offline,
    ['interpolate', ['linear'], driving, 0, idle, 1, moving],
  ];
}

function layers(
  colors: BubbleColors,
  scale: number,
  font: readonly string[] | null,
): LayerSpecification[] {
  const order: ExpressionSpecification = ['get', 'count'];
  return [
    {
      id: BUBBLE_LAYER,
      type: 'circle',
      source: BUBBLE_SOURCE,
      layout: { 'circle-sort-key': order },
      paint: {
        'circle-radius': ['*', scale, ['get', 'radius']],
        'circle-color': colors.disc,
        'circle-opacity': 0.92,
        'circle-stroke-color': ring(colors, true),
        'circle-stroke-width': 4 * scale,
        // Flat on the ground it would be an ellipse beside the upright number.
        'circle-pitch-alignment': 'viewport',
      },
    },
    {
      id: COUNT_LAYER,
      type: 'symbol',
      source: BUBBLE_SOURCE,
      layout: {
        'text-field': ['get', 'text'],
        ...(font === null ? {} : { 'text-font': [...font] }),
        'text-size': 12 * scale,
        // The number is always there, and other lettering makes room for its disc.
        'text-allow-overlap': true,
        'text-padding': 8,
        'symbol-sort-key': order,
      },
      paint: { 'text-color': colors.text },
    },
  ];
}

/** When the map has drawn what the source was given. */
function drawnOn(map: MapLibreMap): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      map.off('render', look);
      resolve();
    };
    const look = () => {
      if (!map.style || map.isSourceLoaded(BUBBLE_SOURCE)) stop();
    };
    map.on('render', look);
    setTimeout(stop, DRAWN_WITHIN_MS);
    map.triggerRepaint();
  });
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

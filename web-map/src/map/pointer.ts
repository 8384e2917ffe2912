/** Pointing at things: what lies under the pointer, the marks that follow it, and the click that selects. */
import type { Map as MapLibreMap, MapMouseEvent } from 'maplibre-gl';
import { MODULES } from '../features/registry';
import { THEMED_KIND } from '../layers/themes';
import { useCatalogue } from '../stores/catalogue';
import type { Selection } from '../stores/view';
import { layerOfKind, TARGETS } from './style';

/** How the style calls the discs of points that stand together, after their layer. */
const CLUSTER_PART = '-cluster';
/** A cell of clusters becomes sixteen. */
const CLUSTER_ZOOMS = 2;
/** Fingers and small marks need some room. */
const REACH_PX = 4;

type Held = (map: MapLibreMap, point: { x: number; y: number }) => boolean;
const holders = new Set<Held>();

/** Where somebody draws, nothing is pointed at or chosen. Returns the way to stop. */
export function holdPointing(isHeld: Held): () => void {
  holders.add(isHeld);
  return () => holders.delete(isHeld);
}

const isHeld: Held = (map, point) => [...holders].some((holds) => holds(map, point));

type At = (map: MapLibreMap, point: { x: number; y: number }) => Selection | null;

/** Returns the way to stop. */
export function startPointing(
  map: MapLibreMap,
  onPick: (target: Selection | null) => void,
  at: At = targetAt,
): () => void {
  let hovered: Selection | null = null;
  let frame = 0;

  const hover = (target: Selection | null, isCursor = true) => {
    if (isSame(target, hovered)) return;
    mark(map, hovered, 'hover', false);
    mark(map, target, 'hover', true);
    hovered = target;
    if (isCursor) map.getCanvas().style.cursor = target ? 'pointer' : '';
  };
  const move = (event: MapMouseEvent) => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      if (map.isMoving()) return;
      if (isHeld(map, event.point)) {
        hover(null, false);
        return;
      }
      const cluster = clusterAt(map, event.point);
      hover(cluster ? null : at(map, event.point));
      if (cluster) map.getCanvas().style.cursor = 'zoom-in';
      else if (!hovered) map.getCanvas().style.cursor = '';
    });
  };
  const leave = () => {
    cancelAnimationFrame(frame);
    hover(null);
    map.getCanvas().style.cursor = '';
  };
  const click = (event: MapMouseEvent) => {
    // The second of a double click zooms: what the first one chose stays chosen.
    if (event.originalEvent.detail >= 2 || isHeld(map, event.point)) return;
    const cluster = clusterAt(map, event.point);
    if (cluster) map.easeTo({ center: cluster, zoom: map.getZoom() + CLUSTER_ZOOMS });
    else onPick(at(map, event.point));
  };

  map.on('mousemove', move);
  map.on('mouseout', leave);
  map.on('click', click);
  return () => {
    leave();
    map.off('mousemove', move);
    map.off('mouseout', leave);
    map.off('click', click);
  };
}

/** Where the points stand that a cluster under the pointer is made of. */
export function clusterAt(
  map: MapLibreMap,
  point: { x: number; y: number },
): [number, number] | null {
  const layers = map.getLayersOrder().filter((id) => id.endsWith(CLUSTER_PART));
  if (layers.length === 0) return null;
  const hit = map.queryRenderedFeatures([point.x, point.y], { layers })[0];
  return hit?.geometry.type === 'Point' ? (hit.geometry.coordinates as [number, number]) : null;
}

/** Sets or clears a mark; places of unknown layers have none. */
export function mark(
  map: MapLibreMap,
  target: Selection | null,
  state: 'hover' | 'selected',
  on: boolean,
) {
  if (!target) return;
  const source = layerOfKind(target.kind);
  for (const one of source ? [source, ...themesOf(target.kind)] : []) {
    if (!map.getSource(one)) continue;
    map.setFeatureState({ source: one, sourceLayer: one, id: target.id }, { [state]: on });
  }
}

/** Layers that show the same features in other colours. */
function themesOf(kind: string): string[] {
  return kind === THEMED_KIND ? useCatalogue().themes.map(({ layer_id }) => layer_id) : [];
}

export function targetAt(map: MapLibreMap, point: { x: number; y: number }): Selection | null {
  for (const module of MODULES) {
    const found = module.pick?.(map, point);
    if (found) return found;
  }
  return placesAt(map, point).next().value ?? null;
}

/** The places of the tiles under a point, the foremost first. */
export function* placesAt(
  map: MapLibreMap,
  point: { x: number; y: number },
): Generator<Selection, undefined> {
  const reach: [[number, number], [number, number]] = [
    [point.x - REACH_PX, point.y - REACH_PX],
    [point.x + REACH_PX, point.y + REACH_PX],
  ];
  for (const { layer, kind } of TARGETS) {
    const layers = [layer, ...themesOf(kind)].flatMap((source) => drawnFrom(map, source));
    if (layers.length === 0) continue;
    // A box reaches over walls: only for marks, never for areas.
    const where = layer === 'facilities' ? reach : ([point.x, point.y] as [number, number]);
    const hit = map.queryRenderedFeatures(where, { layers })[0];
    if (hit?.id !== undefined) yield { kind, id: Number(hit.id) };
  }
  return undefined;
}

function drawnFrom(map: MapLibreMap, source: string): string[] {
  return map.getLayersOrder().filter((id) => {
    const layer = map.getLayer(id);
    return layer?.source === source && layer.type !== 'symbol' && layer.type !== 'line';
  });
}

function isSame(a: Selection | null, b: Selection | null): boolean {
  return a?.kind === b?.kind && a?.id === b?.id;
}

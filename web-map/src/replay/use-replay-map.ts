/** Puts a replay on the one map, follows with the camera, and takes everything away again when the page is left. */
import type { LngLatBoundsLike, Map as MapLibreMap, MapMouseEvent } from 'maplibre-gl';
import { onScopeDispose, type Ref, type ShallowRef, shallowRef, watch } from 'vue';
import type { Vehicle } from '../api';
import { hideLive } from '../live/live';
import { VEHICLE_LAYER } from '../live/vehicle-layer';
import { onMapReady, styledMap } from '../map/map';
import { type Camera, useView } from '../stores/view';
import { colorOf, readPalette } from './colors';
import { DEGREE } from './decode';
import { drawMarks, eraseMarks, MARK_LAYER, paintPictures } from './mark-layer';
import { MARKER_LAYER, MarkerLayer, type OnScreen } from './marker-layer';
import type { Mark } from './marks';
import { PlateLabels } from './plate-labels';
import type { Moment, Tracks } from './tracks';
import type { Replay } from './use-replay';
import { WAY_LAYER, WayLayer } from './way-layer';
import { Ways } from './ways';

/** Up to so many vehicles the whole day is drawn of each; of more only a trail. */
export const WHOLE_DAYS = 30;
const TRAIL_S = 30 * 60;
const PICK_PX = { fine: 14, coarse: 24 };
/** A wheel that turns is not interrupted by the camera that follows. */
const WHEEL_MS = 300;
const MOST_ZOOM = 16;
const FOLLOW_ZOOM = 14;

export interface Tip {
  mark: Mark;
  x: number;
  y: number;
}

interface Surroundings {
  labels: () => HTMLElement | null;
  names: Readonly<Ref<Map<number, Vehicle>>>;
  plateOf: (id: number) => string;
  marks: Readonly<Ref<readonly Mark[]>>;
  /** What the panels cover, in pixels. */
  covered: () => { top: number; right: number; bottom: number; left: number };
  camera: ShallowRef<Camera | null>;
}

export interface ReplayMap {
  /** The mark under the pointer. */
  tip: Readonly<ShallowRef<Tip | null>>;
  fitAll: () => void;
  restore: () => void;
  reveal: (place: readonly [number, number]) => void;
}

export function useReplayMap(replay: Replay, around: Surroundings): ReplayMap {
  const view = useView();
  const look = {
    palette: readPalette(document.documentElement),
    origin: [0.5, 0.5] as readonly [number, number],
  };
  const wayLook = { ...look, nowS: 0, trailS: 0, selected: 0 };
  const markerLook = { ...look, selected: null as number | null };
  const wayLayer = new WayLayer(wayLook);
  const markerLayer = new MarkerLayer(markerLook);
  const tip = shallowRef<Tip | null>(null);
  let labels: PlateLabels | null = null;
  let ways: Ways | null = null;
  let waysOf: Tracks | null = null;
  let attached: MapLibreMap | null = null;
  let mustFit = around.camera.value === null;
  let wheeledMs = Number.NEGATIVE_INFINITY;
  let building = 0;

  // ---- what is drawn

  async function buildWays() {
    const own = ++building;
    const tracks = replay.tracks.value;
    if (tracks === null || !tracks.ids.some((id) => tracks.piecesOf(id).length > 0)) {
      wayLayer.setWays([]);
      return;
    }
    if (ways === null || waysOf !== tracks) {
      ways = new Ways(tracks);
      waysOf = tracks;
    }
    const isMany = tracks.ids.length > WHOLE_DAYS;
    const selected = replay.selected.value;
    const built = await ways.build(isMany ? selected : null, () => own === building);
    if (built === null || own !== building) return;
    wayLook.origin = ways.frame.origin;
    markerLook.origin = ways.frame.origin;
    wayLook.trailS = isMany ? TRAIL_S : 0;
    wayLayer.setWays(built);
    if (mustFit) begin();
    show(replay.atMs.value, lastIds, lastMoments);
  }

  let lastIds: readonly number[] = [];
  let lastMoments: readonly Moment[] = [];

  function show(atMs: number, ids: readonly number[], moments: readonly Moment[]) {
    lastIds = ids;
    lastMoments = moments;
    wayLook.nowS = (atMs - replay.window.value.fromMs) / 1000;
    keepFollowing();
    markerLayer.place(ids, moments);
  }
  replay.onFrame(show);

  function choose() {
    const selected = replay.selected.value;
    markerLook.selected = selected;
    wayLook.selected =
      selected === null ? 0 : (replay.tracks.value?.ids.indexOf(selected) ?? -1) + 1;
    attached?.triggerRepaint();
  }

  watch([replay.revision, replay.tracks, replay.selected], () => {
    choose();
    void buildWays();
  });
  watch(
    () => replay.vehicles.value.length,
    (now, before) => {
      if (before === 0 && now > 0 && around.camera.value === null) mustFit = true;
    },
  );
  watch(around.marks, dressMarks);
  watch(
    () => view.theme,
    () => {
      const palette = readPalette(document.documentElement);
      wayLook.palette = palette;
      markerLook.palette = palette;
      const map = styledMap();
      if (map?.style) paintPictures(map);
      map?.triggerRepaint();
    },
    { flush: 'post' },
  );

  function dressMarks() {
    const map = styledMap();
    if (!map?.style) return;
    drawMarks(map, around.marks.value, MARKER_LAYER);
  }

  /** Puts on a style what it does not have. */
  function dress(map: MapLibreMap) {
    const names = map.getStyle().layers.find(({ type }) => type === 'symbol')?.id;
    if (!map.getLayer(WAY_LAYER)) map.addLayer(wayLayer, names);
    if (!map.getLayer(MARKER_LAYER)) map.addLayer(markerLayer);
    paintPictures(map);
    dressMarks();
    if (map.getLayer(VEHICLE_LAYER)) map.moveLayer(MARKER_LAYER);
  }

  function drawLabels() {
    const host = around.labels();
    if (!host) return;
    labels ??= new PlateLabels(host);
    const selected = replay.selected.value;
    const index = new Map(lastIds.map((id, at) => [id, at]));
    const marks = markerLayer.onScreen();
    const first = marks.findIndex(({ id }) => id === selected);
    if (first > 0) marks.unshift(...marks.splice(first, 1));
    labels.show(marks, around.plateOf, (id) => colorOf(index.get(id) ?? 0), selected);
  }
  watch(around.names, () => attached?.triggerRepaint());

  // ---- the camera

  function keepFollowing() {
    const map = attached;
    const id = replay.follow.value;
    if (id === null || !map?.style) return;
    if (map.isZooming() || map.isRotating() || performance.now() - wheeledMs < WHEEL_MS) return;
    const moment = lastMoments[lastIds.indexOf(id)];
    if (!moment || !['moving', 'standing', 'silent'].includes(moment.state)) return;
    const { left, right, top, bottom } = around.covered();
    const offset: [number, number] = [(left - right) / 2, (top - bottom) / 2];
    const { x, y } = map.project([moment.lon, moment.lat]);
    const { clientWidth, clientHeight } = map.getContainer();
    const isThere =
      Math.abs(x - clientWidth / 2 - offset[0]) + Math.abs(y - clientHeight / 2 - offset[1]) < 0.5;
    if (!isThere) map.easeTo({ center: [moment.lon, moment.lat], offset, duration: 0 });
  }
  watch(replay.follow, keepFollowing);

  /** Where an address without a camera looks. */
  function begin() {
    const map = styledMap();
    if (replay.follow.value === null) {
      fitAll();
    } else if (map) {
      mustFit = false;
      map.jumpTo({ zoom: FOLLOW_ZOOM });
    }
  }

  function fitAll() {
    const tracks = replay.tracks.value;
    const map = styledMap();
    const bounds = tracks && boundsOf(tracks);
    if (!map || !bounds) return;
    mustFit = false;
    replay.follow.value = null;
    map.fitBounds(bounds, { padding: paddingOf(map), maxZoom: MOST_ZOOM, duration: 0 });
  }

  function paddingOf(map: MapLibreMap) {
    const { top, right, bottom, left } = around.covered();
    const margin = Math.min(48, map.getContainer().clientWidth / 12);
    return {
      top: top + margin,
      right: right + margin,
      bottom: bottom + margin,
      left: left + margin,
    };
  }

  function reveal(place: readonly [number, number]) {
    const map = styledMap();
    if (!map || replay.follow.value !== null) return;
    const { top, right, bottom, left } = around.covered();
    const { x, y } = map.project([place[0], place[1]]);
    const { clientWidth, clientHeight } = map.getContainer();
    const isSeen = x > left && x < clientWidth - right && y > top && y < clientHeight - bottom;
    if (isSeen) return;
    map.easeTo({
      center: [place[0], place[1]],
      offset: [(left - right) / 2, (top - bottom) / 2],
      duration: 400,
    });
  }

  function restore() {
    const map = styledMap();
    if (map && around.camera.value) map.jumpTo(around.camera.value);
    else mustFit = true;
  }

  // ---- the pointer

  function markAt(map: MapLibreMap, event: MapMouseEvent): Mark | null {
    if (!map.getLayer(MARK_LAYER)) return null;
    const [feature] = map.queryRenderedFeatures(event.point, { layers: [MARK_LAYER] });
    const index = feature?.properties.index as number | undefined;
    return index === undefined ? null : (around.marks.value[index] ?? null);
  }

  function vehicleAt(event: MapMouseEvent): number | null {
    const coarse = window.matchMedia('(pointer: coarse)').matches;
    let nearest = coarse ? PICK_PX.coarse : PICK_PX.fine;
    let found: OnScreen | null = null;
    for (const mark of markerLayer.onScreen()) {
      const away = Math.hypot(mark.x - event.point.x, mark.y - event.point.y);
      if (away > nearest) continue;
      nearest = away;
      found = mark;
    }
    return found?.id ?? null;
  }

  function press(event: MapMouseEvent) {
    const map = event.target;
    const vehicle = vehicleAt(event);
    if (vehicle !== null) {
      replay.selected.value = vehicle;
      return;
    }
    const mark = markAt(map, event);
    if (!mark) return;
    replay.selected.value = mark.vehicle;
    replay.seek(mark.atMs);
  }

  function point(event: MapMouseEvent) {
    const map = event.target;
    const mark = markAt(map, event);
    tip.value = mark ? { mark, x: event.point.x, y: event.point.y } : null;
    map.getCanvas().style.cursor = mark || vehicleAt(event) !== null ? 'pointer' : '';
  }

  const readCamera = (event: { target: MapLibreMap }) => {
    const { lng, lat } = event.target.getCenter();
    const map = event.target;
    around.camera.value = {
      center: [lng, lat],
      zoom: map.getZoom(),
      bearing: map.getBearing(),
      pitch: map.getPitch(),
    };
  };
  const release = () => {
    replay.follow.value = null;
  };
  const wheeled = () => {
    wheeledMs = performance.now();
  };
  const leave = () => {
    tip.value = null;
  };
  // A change of theme keeps the marks and drops what else was added.
  const redress = () => {
    const map = styledMap();
    if (map?.style && !map.getSource(MARK_LAYER)) dress(map);
  };

  function attach(map: MapLibreMap) {
    if (attached !== map) {
      attached = map;
      map.keyboard.disable();
      map.on('styledata', redress);
      map.on('render', drawLabels);
      map.on('moveend', readCamera);
      map.on('dragstart', release);
      map.on('wheel', wheeled);
      map.on('click', press);
      map.on('mousemove', point);
      map.on('mouseout', leave);
    }
    hideLive(true);
    dress(map);
    choose();
    void buildWays();
    if (around.camera.value === null && !mustFit) readCamera({ target: map });
  }

  const stopReady = onMapReady(attach);
  onScopeDispose(() => {
    stopReady();
    building += 1;
    labels?.clear();
    hideLive(false);
    const map = attached;
    if (!map) return;
    map.keyboard.enable();
    map.off('styledata', redress);
    map.off('render', drawLabels);
    map.off('moveend', readCamera);
    map.off('dragstart', release);
    map.off('wheel', wheeled);
    map.off('click', press);
    map.off('mousemove', point);
    map.off('mouseout', leave);
    map.getCanvas().style.cursor = '';
    if (!map.style) return;
    eraseMarks(map);
    for (const layer of [WAY_LAYER, MARKER_LAYER]) if (map.getLayer(layer)) map.removeLayer(layer);
  });

  return { tip, fitAll, restore, reveal };
}

function boundsOf(tracks: Tracks): LngLatBoundsLike | null {
  let [west, south, east, north] = [
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ];
  for (const id of tracks.ids) {
    for (const { piece } of tracks.piecesOf(id)) {
      for (let index = 0; index < piece.ms.length; index += 1) {
        const [lon, lat] = [piece.lon[index] as number, piece.lat[index] as number];
        if (lon < west) west = lon;
        if (lon > east) east = lon;
        if (lat < south) south = lat;
        if (lat > north) north = lat;
      }
    }
  }
  if (west > east) return null;
  return [west / DEGREE, south / DEGREE, east / DEGREE, north / DEGREE];
}

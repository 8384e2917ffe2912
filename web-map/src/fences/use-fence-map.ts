/** Fences on the one map: shown, chosen, drawn; everything is taken away again when the page is left. */
import type { Map as MapLibreMap, MapMouseEvent, MapTouchEvent } from 'maplibre-gl';
import { onScopeDispose, type Ref, watch } from 'vue';
import type { Bbox } from '../api';
import type { Fence } from '../api/fences';
import { onMapReady, styledMap } from '../map/map';
import { placesAt } from '../map/pointer';
import { useView } from '../stores/view';
import type { Position } from './geo';
import { edgeAt, pointAt } from './hit';
import { dress, isDressed, PICKED_LAYERS, showFences, showSketch, undress } from './layers';
import { fenceFeatures, sketchFeatures } from './shapes';
import { finished, handlesOf, inserted, moved, pressed } from './sketch';
import type { Drawing } from './use-sketch';

const REACH_PX = { fine: 10, coarse: 22 };
const CLOSEST = 17.5;
const MARGIN_PX = 56;

export const PLACE_KINDS: readonly string[] = ['building', 'parcel'];

interface Around {
  fences: Readonly<Ref<readonly Fence[]>>;
  chosen: Readonly<Ref<number | null>>;
  drawing: Drawing;
  choose: (id: number | null) => void;
  choosePlace: (id: number) => void;
}

export interface FenceMap {
  flyTo: (bounds: Bbox | null) => void;
}

export function useFenceMap(around: Around): FenceMap {
  const view = useView();
  const { drawing } = around;
  let attached: MapLibreMap | null = null;
  let grip: number | null = null;
  /** Asked for before there was a map. */
  let wanted: Bbox | null = null;

  const reachPx = () =>
    window.matchMedia('(pointer: coarse)').matches ? REACH_PX.coarse : REACH_PX.fine;

  // ---- what is drawn

  function draw() {
    const map = styledMap();
    if (!map?.style || !isDressed(map)) return;
    const sketch = drawing.sketch.value;
    // What is being changed is drawn as it becomes, and not as it was.
    const others = sketch
      ? around.fences.value.filter(({ fence_id }) => fence_id !== around.chosen.value)
      : around.fences.value;
    showFences(map, fenceFeatures(others, around.chosen.value));
  }

  function drawSketch() {
    const map = styledMap();
    if (!map?.style || !isDressed(map)) return;
    const sketch = drawing.sketch.value;
    showSketch(map, sketch && sketchFeatures(sketch, drawing.pointer.value, drawing.chosen.value));
  }

  const isDrawing = () => drawing.sketch.value !== null;
  watch([around.fences, around.chosen, isDrawing], draw);
  watch([drawing.sketch, drawing.pointer, drawing.chosen], drawSketch);
  watch(isDrawing, (is) => setZoomByDouble(styledMap(), !is));
  watch(
    () => view.theme,
    () => {
      const map = styledMap();
      if (map?.style) dress(map);
    },
    { flush: 'post' },
  );

  function setZoomByDouble(map: MapLibreMap | null, is: boolean) {
    if (is) map?.doubleClickZoom.enable();
    else map?.doubleClickZoom.disable();
  }

  // ---- the pointer

  const placeOf = ({ lngLat }: MapMouseEvent | MapTouchEvent): Position => [lngLat.lng, lngLat.lat];

  function handleAt(map: MapLibreMap, at: { x: number; y: number }) {
    const sketch = drawing.sketch.value;
    if (!sketch || sketch.kept) return null;
    return pointAt(
      handlesOf(sketch).map((point) => map.project(point)),
      at,
      reachPx(),
    );
  }

  function edgeUnder(map: MapLibreMap, at: { x: number; y: number }) {
    const sketch = drawing.sketch.value;
    if (!sketch?.isDone || sketch.kept || !['area', 'corridor'].includes(sketch.form)) return null;
    return edgeAt(
      sketch.points.map((point) => map.project(point)),
      sketch.form === 'area',
      at,
      reachPx(),
    );
  }

  function fenceAt(map: MapLibreMap, { x, y }: { x: number; y: number }): number | null {
    const layers = PICKED_LAYERS.filter((id) => map.getLayer(id));
    const found = map.queryRenderedFeatures([x, y], { layers });
    // Of several the one drawn last is not the better choice: one press more goes on to the next.
    const ids = [...new Set(found.map(({ properties }) => Number(properties.fence)))];
    const at = ids.indexOf(around.chosen.value ?? -1);
    return ids[(at + 1) % Math.max(1, ids.length)] ?? null;
  }

  function placeAt(map: MapLibreMap, point: { x: number; y: number }): number | null {
    for (const { kind, id } of placesAt(map, point)) if (PLACE_KINDS.includes(kind)) return id;
    return null;
  }

  function press(event: MapMouseEvent) {
    const map = event.target;
    const sketch = drawing.sketch.value;
    if (!sketch) {
      around.choose(fenceAt(map, event.point));
      return;
    }
    if (sketch.form === 'place') {
      const place = placeAt(map, event.point);
      if (place !== null) around.choosePlace(place);
      return;
    }
    if (sketch.isDone) return;
    const isLast = event.originalEvent.detail >= 2;
    const isFirst = sketch.form === 'area' && sketch.points.length > 2;
    if (isLast || (isFirst && handleAt(map, event.point) === 0)) drawing.step(finished(sketch));
    else drawing.step(pressed(sketch, placeOf(event)));
    if (drawing.sketch.value?.isDone) drawing.pointer.value = null;
  }

  function take(event: MapMouseEvent | MapTouchEvent) {
    const map = event.target;
    const sketch = drawing.sketch.value;
    if (!sketch?.isDone || ('points' in event && event.points.length > 1)) return;
    let handle = handleAt(map, event.point);
    const edge = handle === null ? edgeUnder(map, event.point) : null;
    if (edge !== null) {
      handle = edge + 1;
      drawing.drag(inserted(sketch, edge, placeOf(event)));
    }
    drawing.chosen.value = handle;
    if (handle === null) return;
    grip = handle;
    event.preventDefault();
    map.dragPan.disable();
  }

  function move(event: MapMouseEvent | MapTouchEvent) {
    const map = event.target;
    const sketch = drawing.sketch.value;
    if (!sketch) {
      map.getCanvas().style.cursor = fenceAt(map, event.point) === null ? '' : 'pointer';
      return;
    }
    if (grip !== null) {
      drawing.drag(moved(sketch, grip, placeOf(event)));
      return;
    }
    if (sketch.form === 'place') {
      map.getCanvas().style.cursor = placeAt(map, event.point) === null ? '' : 'pointer';
      return;
    }
    if (!sketch.isDone) drawing.pointer.value = placeOf(event);
    const isHandle = handleAt(map, event.point) !== null;
    if (!sketch.isDone) map.getCanvas().style.cursor = 'crosshair';
    else if (isHandle) map.getCanvas().style.cursor = 'move';
    else map.getCanvas().style.cursor = edgeUnder(map, event.point) === null ? '' : 'copy';
  }

  /** Also outside the map. */
  function release() {
    if (grip === null) return;
    grip = null;
    attached?.dragPan.enable();
    drawing.drop();
  }

  const leave = () => {
    if (grip === null) drawing.pointer.value = null;
  };

  // ---- the camera

  function flyTo(bounds: Bbox | null) {
    const map = styledMap();
    wanted = map ? null : bounds;
    if (!map || !bounds) return;
    const { clientWidth } = map.getContainer();
    const padding = Math.min(MARGIN_PX, clientWidth / 8);
    map.fitBounds(bounds, { padding, maxZoom: CLOSEST, duration: 700 });
  }

  // A change of theme keeps what was drawn before and drops what was added.
  const redress = () => {
    const map = styledMap();
    if (map?.style && !isDressed(map)) attach(map);
  };

  function attach(map: MapLibreMap) {
    if (attached !== map) {
      attached = map;
      map.on('styledata', redress);
      map.on('click', press);
      map.on('mousedown', take);
      map.on('touchstart', take);
      map.on('mousemove', move);
      map.on('touchmove', move);
      map.on('mouseout', leave);
      window.addEventListener('mouseup', release);
      window.addEventListener('touchend', release);
      window.addEventListener('touchcancel', release);
    }
    setZoomByDouble(map, !isDrawing());
    dress(map);
    draw();
    drawSketch();
    if (wanted) flyTo(wanted);
  }

  const stopReady = onMapReady(attach);
  onScopeDispose(() => {
    stopReady();
    window.removeEventListener('mouseup', release);
    window.removeEventListener('touchend', release);
    window.removeEventListener('touchcancel', release);
    const map = attached;
    if (!map) return;
    map.off('styledata', redress);
    map.off('click', press);
    map.off('mousedown', take);
    map.off('touchstart', take);
    map.off('mousemove', move);
    map.off('touchmove', move);
    map.off('mouseout', leave);
    map.getCanvas().style.cursor = '';
    map.dragPan.enable();
    setZoomByDouble(map, true);
    if (map.style) undress(map);
  });

  return { flyTo };
}

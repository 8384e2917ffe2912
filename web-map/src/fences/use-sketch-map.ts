/** A drawing on the one map: shown, and made and changed by the pointer. */
import type { Map as MapLibreMap, MapMouseEvent, MapTouchEvent } from 'maplibre-gl';
import { onScopeDispose, watch } from 'vue';
import { onMapReady } from '../map/map';
import { useOverlay } from '../map/overlay';
import type { Position } from './geo';
import { edgeAt, type Pixel, pointAt } from './hit';
import { sketchFeatures } from './shapes';
import { finished, handlesOf, inserted, isLine, moved, pressed } from './sketch';
import { dressSketch, hasSketch, showSketch, undressSketch } from './sketch-layers';
import type { Drawing } from './use-sketch';

const REACH_PX = { fine: 10, coarse: 22 };
/** Within the time of a double click its second press still belongs to the drawing. */
const DOUBLE_MS = 500;

/** What the pointer does while no points are drawn. */
interface Otherwise {
  press: (event: MapMouseEvent) => void;
  cursor: (event: MapMouseEvent | MapTouchEvent) => string;
}

interface Around {
  otherwise?: Otherwise;
  /** What is not taken hold of by an edge, because it is itself pointed at. */
  isAbove?: (point: Pixel) => boolean;
  /** A double click zooms again once the drawing is done. Default: once it has ended. */
  zooms?: 'done' | 'ended';
}

export interface SketchMap {
  /** Whether a press there belongs to the drawing. */
  holds: (map: MapLibreMap, point: Pixel) => boolean;
}

export function useSketchMap(
  drawing: Drawing,
  { otherwise, isAbove = () => false, zooms = 'ended' }: Around = {},
): SketchMap {
  let attached: MapLibreMap | null = null;
  let grip: number | null = null;
  /** The one that was set here: where it is none, others may set theirs. */
  let cursor = '';

  const reachPx = () =>
    window.matchMedia('(pointer: coarse)').matches ? REACH_PX.coarse : REACH_PX.fine;

  const draw = useOverlay({
    dress: dressSketch,
    isDressed: hasSketch,
    undress: undressSketch,
    show: (map) => {
      const sketch = drawing.sketch.value;
      showSketch(
        map,
        sketch && sketchFeatures(sketch, drawing.pointer.value, drawing.chosen.value),
      );
    },
  });
  watch([drawing.sketch, drawing.pointer, drawing.chosen], draw);

  const mayZoom = () => {
    const sketch = drawing.sketch.value;
    return sketch === null || (zooms === 'done' && sketch.isDone);
  };
  watch(mayZoom, (is, _, onCleanup) => {
    if (!is) {
      attached?.doubleClickZoom.disable();
      return;
    }
    const timer = setTimeout(() => attached?.doubleClickZoom.enable(), DOUBLE_MS);
    onCleanup(() => clearTimeout(timer));
  });

  const placeOf = ({ lngLat }: MapMouseEvent | MapTouchEvent): Position => [lngLat.lng, lngLat.lat];

  function handleAt(map: MapLibreMap, at: Pixel) {
    const sketch = drawing.sketch.value;
    if (!sketch || sketch.kept) return null;
    return pointAt(
      handlesOf(sketch).map((point) => map.project(point)),
      at,
      reachPx(),
    );
  }

  function edgeUnder(map: MapLibreMap, at: Pixel) {
    const sketch = drawing.sketch.value;
    if (!sketch?.isDone || sketch.kept || !isLine(sketch.form) || isAbove(at)) return null;
    return edgeAt(
      sketch.points.map((point) => map.project(point)),
      sketch.form === 'area',
      at,
      reachPx(),
    );
  }

  function press(event: MapMouseEvent) {
    const map = event.target;
    const sketch = drawing.sketch.value;
    if (!sketch || sketch.form === 'place') {
      otherwise?.press(event);
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
    if (!sketch || sketch.form === 'place') {
      point(map, otherwise?.cursor(event) ?? '');
      return;
    }
    if (grip !== null) {
      drawing.drag(moved(sketch, grip, placeOf(event)));
      return;
    }
    if (!sketch.isDone) {
      drawing.pointer.value = placeOf(event);
      point(map, 'crosshair');
    } else if (handleAt(map, event.point) !== null) point(map, 'move');
    else point(map, edgeUnder(map, event.point) === null ? '' : 'copy');
  }

  function point(map: MapLibreMap, next: string) {
    if (next !== '' || cursor !== '') map.getCanvas().style.cursor = next;
    cursor = next;
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

  function attach(map: MapLibreMap) {
    if (attached === map) return;
    attached = map;
    map.on('click', press);
    map.on('mousedown', take);
    map.on('touchstart', take);
    map.on('mousemove', move);
    map.on('touchmove', move);
    map.on('mouseout', leave);
    window.addEventListener('mouseup', release);
    window.addEventListener('touchend', release);
    window.addEventListener('touchcancel', release);
    if (!mayZoom()) map.doubleClickZoom.disable();
  }

  const stopReady = onMapReady(attach);
  onScopeDispose(() => {
    stopReady();
    window.removeEventListener('mouseup', release);
    window.removeEventListener('touchend', release);
    window.removeEventListener('touchcancel', release);
    const map = attached;
    if (!map) return;
    map.off('click', press);
    map.off('mousedown', take);
    map.off('touchstart', take);
    map.off('mousemove', move);
    map.off('touchmove', move);
    map.off('mouseout', leave);
    point(map, '');
    map.dragPan.enable();
    map.doubleClickZoom.enable();
  });

  return {
    holds: (map, at) => {
      const sketch = drawing.sketch.value;
      if (!sketch) return false;
      return !sketch.isDone || handleAt(map, at) !== null || edgeUnder(map, at) !== null;
    },
  };
}

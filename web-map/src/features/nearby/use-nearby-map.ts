/** The question and its answer on the map. Where the question is drawn, nothing else is chosen by a press. */
import { onScopeDispose, type Ref, watch } from 'vue';
import { boundsOf, type Position } from '../../fences/geo';
import { sketchBounds } from '../../fences/shapes';
import type { Drawing } from '../../fences/use-sketch';
import { useSketchMap } from '../../fences/use-sketch-map';
import { startLive } from '../../live/live';
import { flyTo, isInSight } from '../../map/fly';
import { mapInstance, onMapReady, styledMap } from '../../map/map';
import { useOverlay } from '../../map/overlay';
import { holdPointing } from '../../map/pointer';
import { dressFound, foundFeatures, hasFound, showFound, undressFound } from './marks';
import { MOST_LAT, MOST_LON } from './question';
import { marksOf, type Row } from './rows';

interface Around {
  drawing: Drawing;
  rows: Readonly<Ref<readonly Row[]>>;
  /** The vehicle that is pointed at in the list. */
  hovered: Readonly<Ref<number | null>>;
  /** How much of the map the panel covers, from above. */
  coveredPx: () => number;
}

export interface NearbyMap {
  /** Moves to the question and all that was found. */
  showAll: () => void;
  /** Moves to the question, unless it is in sight. */
  bring: () => void;
  centre: () => Position | null;
  /** The south-west and the north-east of what is seen. */
  corners: () => [Position, Position] | null;
}

export function useNearbyMap({ drawing, rows, hovered, coveredPx }: Around): NearbyMap {
  const live = startLive();
  const { sketch } = drawing;
  let isWanted = false;

  const pointAsked = (): Position | null =>
    (sketch.value?.form === 'point' && sketch.value.points[0]) || null;
  const draw = useOverlay({
    dress: dressFound,
    isDressed: hasFound,
    undress: undressFound,
    show: (map) => showFound(map, foundFeatures(marksOf(rows.value), pointAsked(), hovered.value)),
  });
  watch([rows, hovered, sketch], draw);

  const { holds } = useSketchMap(drawing, {
    zooms: 'done',
    isAbove: ({ x, y }) => live.pickAt(x, y) !== null,
  });
  onScopeDispose(holdPointing(holds));

  function fly(points: readonly Position[]) {
    const bbox = boundsOf(points);
    if (!bbox) return;
    const [west, south, east, north] = bbox;
    const middle = { lon: (west + east) / 2, lat: (south + north) / 2 };
    flyTo({ kind: 'vehicle', ...middle, bbox }, 'list');
  }

  /** By its share of the width and of the height that is seen. */
  function placeAt(across: number, down: number): Position | null {
    const map = mapInstance();
    if (!map) return null;
    const { clientWidth, clientHeight } = map.getCanvas();
    const topPx = coveredPx();
    const at = map.unproject([clientWidth * across, topPx + (clientHeight - topPx) * down]);
    return [at.lng, at.lat];
  }

  function cornersAsked(): Position[] {
    const box = sketch.value && sketchBounds(sketch.value);
    if (!box) return [];
    return [
      [box[0], box[1]],
      [box[2], box[3]],
    ];
  }

  function bring() {
    const map = styledMap();
    isWanted = !map;
    if (!map) return;
    const corners = cornersAsked();
    if (!corners.every((corner) => isInSight(map, corner))) fly(corners);
  }
  onScopeDispose(
    onMapReady(() => {
      if (isWanted) bring();
    }),
  );

  return {
    showAll: () => fly([...cornersAsked(), ...marksOf(rows.value).map(({ at }) => at)]),
    bring,
    centre: () => placeAt(0.5, 0.5),
    corners: () => {
      const seen = [placeAt(0, 0), placeAt(1, 0), placeAt(1, 1), placeAt(0, 1)];
      const bbox = boundsOf(seen.filter((place) => place !== null));
      if (!bbox) return null;
      const [west, south, east, north] = bbox;
      return [
        [Math.max(-MOST_LON, west), Math.max(-MOST_LAT, south)],
        [Math.min(MOST_LON, east), Math.min(MOST_LAT, north)],
      ];
    },
  };
}

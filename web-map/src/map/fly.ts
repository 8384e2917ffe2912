/** Moving the camera to a place so that the panels do not cover it. */
import type { Map as MapLibreMap } from 'maplibre-gl';
import type { Bbox } from '../api/types';
import type { Camera } from '../stores/view';
import { isPhone } from '../ui/media';
import { mapInstance } from './map';

/** Rooms need a close look, points some of their surroundings. */
const CLOSEST: Record<string, number> = { room: 19, floor: 18, building: 17.5, vehicle: 16 };
const MARGIN_PX = 40;

export interface Place {
  kind: string;
  lon: number;
  lat: number;
  bbox?: Bbox | null | undefined;
}

/** What covers a phone: the card of a place at its lower end, or a list at its upper one. */
type Covered = 'card' | 'list';
const COVERED: Record<Covered, number> = { card: 0.55, list: 0.68 };

export function flyTo({ kind, lon, lat, bbox }: Place, covered: Covered = 'card') {
  const map = mapInstance();
  if (!map) return;
  const maxZoom = CLOSEST[kind] ?? 17;
  const padding = panelPadding(covered);
  if (bbox && (bbox[2] > bbox[0] || bbox[3] > bbox[1])) {
    map.fitBounds(bbox, { padding, maxZoom, duration: 900, essential: false });
  } else {
    const zoom = Math.max(map.getZoom(), Math.min(maxZoom, 16));
    const offset: [number, number] = [
      (padding.left - padding.right) / 2,
      (padding.top - padding.bottom) / 2,
    ];
    map.flyTo({ center: [lon, lat], zoom, offset, duration: 900 });
  }
}

/** Whether a place is on the screen, and on a phone not under the list. */
export function isInSight(map: MapLibreMap, place: [number, number]): boolean {
  const { clientWidth, clientHeight } = map.getCanvas();
  const { x, y } = map.project(place);
  const topPx = isPhone.value ? window.innerHeight * COVERED.list : 0;
  return x >= 0 && x <= clientWidth && y >= topPx && y <= clientHeight;
}

/** The place from straight above, in the middle of a map without panels. */
export function lookAt({ kind, lon, lat }: Place): Camera {
  return { center: [lon, lat], zoom: CLOSEST[kind] ?? 17, bearing: 0, pitch: 0 };
}

/** What the panels cover. */
function panelPadding(covered: Covered) {
  if (isPhone.value) {
    const most = window.innerHeight * COVERED[covered];
    const [top, bottom] = covered === 'list' ? [most, MARGIN_PX] : [80, most];
    return { top, right: MARGIN_PX, bottom, left: MARGIN_PX };
  }
  const left = window.innerWidth > 1000 ? 340 + MARGIN_PX : MARGIN_PX;
  return { top: 60, right: 400 + MARGIN_PX, bottom: 60, left };
}

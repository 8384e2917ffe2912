/** Which vehicles are where on the screen, by one scan over the typed arrays: no query of the map, no objects. */
import type { Fleet } from './fleet';
import { progress } from './glide';

/** What the last drawn frame saw: clip matrix for Mercator (column-major), size in CSS pixels. */
export interface Camera {
  matrix: ArrayLike<number>;
  width: number;
  height: number;
}

/** The vehicle drawn nearest to a point of the screen within `radiusPx`, or null. */
export function pick(
  fleet: Fleet,
  camera: Camera,
  xPx: number,
  yPx: number,
  radiusPx: number,
  nowMs: number,
): number | null {
  let nearest = radiusPx;
  let found: number | null = null;
  scan(fleet, camera, nowMs, (slot, x, y) => {
    const distance = Math.hypot(x - xPx, y - yPx);
    if (distance <= nearest) {
      nearest = distance;
      found = fleet.idAt(slot);
    }
  });
  return found;
}

/** The slots inside the window, at most `limit` of them. */
export function visibleSlots(fleet: Fleet, camera: Camera, limit: number, nowMs: number): number[] {
  const slots: number[] = [];
  scan(fleet, camera, nowMs, (slot, x, y) => {
    if (slots.length < limit && x >= 0 && y >= 0 && x <= camera.width && y <= camera.height) {
      slots.push(slot);
    }
  });
  return slots;
}

function scan(
  fleet: Fleet,
  camera: Camera,
  nowMs: number,
  visit: (slot: number, xPx: number, yPx: number) => void,
): void {
  const m = (index: number): number => camera.matrix[index] as number;
  const [xx, xy, xw, yx, yy, yw, tx, ty, tw] = [
    m(0),
    m(1),
    m(3),
    m(4),
    m(5),
    m(7),
    m(12),
    m(13),
    m(15),
  ];
  for (let slot = 0; slot < fleet.count; slot += 1) {
    const done = progress(fleet.startMs[slot] as number, fleet.endMs[slot] as number, nowMs);
    const fromX = fleet.fromX[slot] as number;
    const fromY = fleet.fromY[slot] as number;
    const x = fromX + ((fleet.toX[slot] as number) - fromX) * done;
    const y = fromY + ((fleet.toY[slot] as number) - fromY) * done;
    const w = xw * x + yw * y + tw;
    // Behind the camera of a tilted map.
    if (w <= 0) continue;
    const clipX = (xx * x + yx * y + tx) / w;
    const clipY = (xy * x + yy * y + ty) / w;
    visit(slot, ((clipX + 1) / 2) * camera.width, ((1 - clipY) / 2) * camera.height);
  }
}

/** What of a drawing lies under the pointer, in pixels of the screen. */

export interface Pixel {
  x: number;
  y: number;
}

/** The nearest of some points within reach; of two upon each other the later, which is drawn above. */
export function pointAt(points: readonly Pixel[], at: Pixel, reachPx: number): number | null {
  let found: number | null = null;
  let nearest = reachPx;
  for (const [index, { x, y }] of points.entries()) {
    const away = Math.hypot(x - at.x, y - at.y);
    if (away > nearest) continue;
    nearest = away;
    found = index;
  }
  return found;
}

/** The edge within reach, by the point that it begins at. */
export function edgeAt(
  points: readonly Pixel[],
  isClosed: boolean,
  at: Pixel,
  reachPx: number,
): number | null {
  let found: number | null = null;
  let nearest = reachPx;
  const count = isClosed ? points.length : points.length - 1;
  for (let edge = 0; edge < count; edge += 1) {
    const [from, to] = [points[edge] as Pixel, points[(edge + 1) % points.length] as Pixel];
    const away = awayFrom(from, to, at);
    if (away > nearest) continue;
    nearest = away;
    found = edge;
  }
  return found;
}

function awayFrom(from: Pixel, to: Pixel, at: Pixel): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length2 = dx * dx + dy * dy;
  const along = length2 === 0 ? 0 : ((at.x - from.x) * dx + (at.y - from.y) * dy) / length2;
  const share = Math.min(1, Math.max(0, along));
  return Math.hypot(from.x + share * dx - at.x, from.y + share * dy - at.y);
}

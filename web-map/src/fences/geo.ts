/** Metres on the globe, and whether an outline crosses itself. Positions are lon, lat in degrees of WGS 84. */

export type Position = [number, number];

const EARTH_M = 6_371_008.8;
const CIRCLE_STEPS = 96;
const rad = (degrees: number) => (degrees * Math.PI) / 180;

export function distanceM([lonA, latA]: Position, [lonB, latB]: Position): number {
  const half = (angle: number) => Math.sin(rad(angle) / 2) ** 2;
  const h = half(latB - latA) + Math.cos(rad(latA)) * Math.cos(rad(latB)) * half(lonB - lonA);
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

export function lengthM(line: readonly Position[]): number {
  return line.reduce(
    (sum, point, at) => (at === 0 ? 0 : sum + distanceM(line[at - 1] as Position, point)),
    0,
  );
}

/** Of a ring whose last point need not be its first. */
export function areaM2(ring: readonly Position[]): number {
  const sum = ring.reduce((total, [lon, lat], at) => {
    const [nextLon, nextLat] = ring[(at + 1) % ring.length] as Position;
    return total + rad(nextLon - lon) * (2 + Math.sin(rad(lat)) + Math.sin(rad(nextLat)));
  }, 0);
  return Math.abs((sum * EARTH_M ** 2) / 2);
}

/** So far away in a direction; 0 is north, 90 is east. */
export function destination([lon, lat]: Position, bearing: number, metres: number): Position {
  const angle = metres / EARTH_M;
  const sin = Math.sin(rad(lat)) * Math.cos(angle);
  const north = Math.cos(rad(lat)) * Math.sin(angle);
  const latTo = Math.asin(sin + north * Math.cos(rad(bearing)));
  const lonBy = Math.atan2(
    Math.sin(rad(bearing)) * north,
    Math.cos(angle) - Math.sin(rad(lat)) * Math.sin(latTo),
  );
  return [lon + (lonBy * 180) / Math.PI, (latTo * 180) / Math.PI];
}

/** A circle as a ring that ends where it begins. */
export function circleRing(centre: Position, metres: number): Position[] {
  const ring = Array.from({ length: CIRCLE_STEPS }, (_, step) =>
    destination(centre, (step * 360) / CIRCLE_STEPS, metres),
  );
  return [...ring, ring[0] as Position];
}

/** `[west, south, east, north]` of some points and so many metres about them; null of none. */
export function boundsOf(
  points: readonly Position[],
  metres = 0,
): [number, number, number, number] | null {
  if (points.length === 0) return null;
  const lons = points.map(([lon]) => lon);
  const lats = points.map(([, lat]) => lat);
  const least = (list: number[]) => list.reduce((a, b) => Math.min(a, b));
  const most = (list: number[]) => list.reduce((a, b) => Math.max(a, b));
  const [south, north] = [least(lats), most(lats)];
  const up = (metres / EARTH_M) * (180 / Math.PI);
  const across = up / Math.max(0.01, Math.cos(rad((south + north) / 2)));
  return [least(lons) - across, south - up, most(lons) + across, north + up];
}

/** Whether two edges of a line touch that do not follow on each other. A closed line goes back to its first point. */
export function crossesItself(line: readonly Position[], isClosed: boolean): boolean {
  const count = isClosed ? line.length : line.length - 1;
  const edges = Array.from({ length: Math.max(0, count) }, (_, at) => {
    const [from, to] = [line[at] as Position, line[(at + 1) % line.length] as Position];
    return { at, from, to, west: Math.min(from[0], to[0]), east: Math.max(from[0], to[0]) };
  }).sort((a, b) => a.west - b.west);
  return edges.some((edge, order) => {
    for (let next = order + 1; next < edges.length; next += 1) {
      const other = edges[next];
      if (!other || other.west > edge.east) return false;
      const apart = Math.abs(edge.at - other.at);
      const isNeighbour = apart === 1 || (isClosed && apart === count - 1);
      if (isNeighbour ? foldsBack(edge, other) : meet(edge, other)) return true;
    }
    return false;
  });
}

interface Edge {
  from: Position;
  to: Position;
}

/** Twice the area of the triangle: positive where `c` is at the left. */
const turn = (a: Position, b: Position, c: Position) =>
  (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);

const isWithin = ({ from, to }: Edge, p: Position) =>
  Math.min(from[0], to[0]) <= p[0] &&
  p[0] <= Math.max(from[0], to[0]) &&
  Math.min(from[1], to[1]) <= p[1] &&
  p[1] <= Math.max(from[1], to[1]);

function meet(a: Edge, b: Edge): boolean {
  const [b1, b2] = [turn(a.from, a.to, b.from), turn(a.from, a.to, b.to)];
  const [a1, a2] = [turn(b.from, b.to, a.from), turn(b.from, b.to, a.to)];
  if (((b1 > 0 && b2 < 0) || (b1 < 0 && b2 > 0)) && ((a1 > 0 && a2 < 0) || (a1 < 0 && a2 > 0))) {
    return true;
  }
  return (
    (b1 === 0 && isWithin(a, b.from)) ||
    (b2 === 0 && isWithin(a, b.to)) ||
    (a1 === 0 && isWithin(b, a.from)) ||
    (a2 === 0 && isWithin(b, a.to))
  );
}

/** Neighbours always share a point: they must not lie upon each other. */
function foldsBack(a: Edge, b: Edge): boolean {
  const shared = isSame(a.to, b.from) ? a.to : isSame(b.to, a.from) ? a.from : null;
  if (!shared) return false;
  const [one, other] = [isSame(a.to, shared) ? a.from : a.to, isSame(b.to, shared) ? b.from : b.to];
  if (turn(shared, one, other) !== 0) return false;
  return (
    (one[0] - shared[0]) * (other[0] - shared[0]) + (one[1] - shared[1]) * (other[1] - shared[1]) >
    0
  );
}

export const isSame = (a: Position, b: Position): boolean => a[0] === b[0] && a[1] === b[1];

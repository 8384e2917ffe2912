/** Fewer points of a line, none of it further away than a tolerance (Douglas and Peucker). */
import { isSame, type Position } from './geo';

const DEGREE_M = 111_195;

export function simplified(line: readonly Position[], toleranceM: number): Position[] {
  const points = line.filter((point, at) => at === 0 || !isSame(point, line[at - 1] as Position));
  if (points.length < 3) return [...points];
  const across = Math.cos(((points[0]?.[1] ?? 0) * Math.PI) / 180) * DEGREE_M;
  const plane = points.map(([lon, lat]): Position => [lon * across, lat * DEGREE_M]);
  const kept = new Set([0, points.length - 1]);
  const open: [number, number][] = [[0, points.length - 1]];
  for (let span = open.pop(); span; span = open.pop()) {
    const [from, to] = span;
    let farthest = toleranceM;
    let corner = -1;
    for (let at = from + 1; at < to; at += 1) {
      const away = awayFrom(plane[from] as Position, plane[to] as Position, plane[at] as Position);
      if (away <= farthest) continue;
      farthest = away;
      corner = at;
    }
    if (corner < 0) continue;
    kept.add(corner);
    open.push([from, corner], [corner, to]);
  }
  return points.filter((_, at) => kept.has(at));
}

function awayFrom(from: Position, to: Position, at: Position): number {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length2 = dx * dx + dy * dy;
  const along = length2 === 0 ? 0 : ((at[0] - from[0]) * dx + (at[1] - from[1]) * dy) / length2;
  const share = Math.min(1, Math.max(0, along));
  return Math.hypot(from[0] + share * dx - at[0], from[1] + share * dy - at[1]);
}

/** Which tiles a change touched. */
import type { Bbox } from '../api/types';

export interface TileId {
  z: number;
  x: number;
  y: number;
}

/** Tiles carry a margin of their neighbours' features; a change that close touches them too. */
const MARGIN = 0.05;
const MAX_LAT = 85.051129;

/** The tiles of one zoom that show any of the box, margins included. */
export function tilesCovering(bbox: Bbox, z: number): TileId[] {
  const [west, south, east, north] = bbox;
  const n = 2 ** z;
  const left = clampTile(worldX(west) * n - MARGIN, n);
  const right = clampTile(worldX(east) * n + MARGIN, n);
  const top = clampTile(worldY(north) * n - MARGIN, n);
  const bottom = clampTile(worldY(south) * n + MARGIN, n);
  const tiles: TileId[] = [];
  for (let y = top; y <= bottom; y += 1) {
    for (let x = left; x <= right; x += 1) tiles.push({ z, x, y });
  }
  return tiles;
}

/** What two boxes share, or null. */
export function intersection(a: Bbox, b: Bbox): Bbox | null {
  const box: Bbox = [
    Math.max(a[0], b[0]),
    Math.max(a[1], b[1]),
    Math.min(a[2], b[2]),
    Math.min(a[3], b[3]),
  ];
  return box[0] <= box[2] && box[1] <= box[3] ? box : null;
}

/** The box, wider by a share of its size on every side. */
export function grown(box: Bbox, share: number): Bbox {
  const dx = (box[2] - box[0]) * share;
  const dy = (box[3] - box[1]) * share;
  return [box[0] - dx, box[1] - dy, box[2] + dx, box[3] + dy];
}

/**
 * The tiles on screen that have to be fetched again. Parents stay on screen while children load, so every zoom from the
 * source's first to the one being drawn is asked.
 */
export function touchedTiles(
  bboxes: Bbox[],
  view: { bbox: Bbox; zoom: number },
  source: { minzoom: number; maxzoom: number },
): TileId[] {
  const near = grown(view.bbox, 0.5);
  const boxes = bboxes.length === 0 ? [near] : bboxes;
  const deepest = Math.min(source.maxzoom, Math.max(source.minzoom, Math.ceil(view.zoom)));
  const found = new Map<string, TileId>();
  for (const box of boxes) {
    const shown = intersection(box, near);
    if (!shown) continue;
    for (let z = source.minzoom; z <= deepest; z += 1) {
      for (const tile of tilesCovering(shown, z)) found.set(`${z}/${tile.x}/${tile.y}`, tile);
    }
  }
  return [...found.values()];
}

function worldX(lon: number): number {
  return lon / 360 + 0.5;
}

function worldY(lat: number): number {
  const sin = Math.sin((Math.max(-MAX_LAT, Math.min(MAX_LAT, lat)) * Math.PI) / 180);
  return 0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI);
}

function clampTile(value: number, n: number): number {
  return Math.max(0, Math.min(n - 1, Math.floor(value)));
}

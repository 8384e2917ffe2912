import { expect, test } from 'vitest';
import { intersection, tilesCovering, touchedTiles } from './tile-cover';

const inside = { west: 121.96, south: 31.32, east: 121.97, north: 31.33 };

test('a point inside a tile touches that tile alone', () => {
  const { west, south } = inside;
  const [tile, ...others] = tilesCovering([west, south, west, south], 13);
  expect(others).toEqual([]);
  const n = 2 ** 13;
  const left = ((tile?.x ?? 0) / n) * 360 - 180;
  expect(west).toBeGreaterThanOrEqual(left);
  expect(west).toBeLessThan(left + 360 / n);
});

test('the whole earth is one tile at zoom 0 and sixteen at zoom 2', () => {
  expect(tilesCovering([-180, -90, 180, 90], 0)).toEqual([{ z: 0, x: 0, y: 0 }]);
  expect(tilesCovering([-180, -90, 180, 90], 2)).toHaveLength(16);
});

test('a change at the edge touches the neighbour whose margin it lies in', () => {
  const tiles = tilesCovering([0.0001, 10, 0.0001, 10], 4);
  expect(tiles.map(({ x }) => x)).toEqual([7, 8]);
});

test('boxes that do not meet share nothing', () => {
  expect(intersection([0, 0, 1, 1], [2, 2, 3, 3])).toBeNull();
  expect(intersection([0, 0, 2, 2], [1, 1, 3, 3])).toEqual([1, 1, 2, 2]);
});

const view = { bbox: [121.9, 31.3, 122, 31.4] as [number, number, number, number], zoom: 14.2 };

test('a change out of sight touches no tile', () => {
  expect(touchedTiles([[10, 10, 11, 11]], view, { minzoom: 12, maxzoom: 16 })).toEqual([]);
});

test('a change in sight touches one tile of each zoom on screen', () => {
  const box: [number, number, number, number] = [
    inside.west,
    inside.south,
    inside.west,
    inside.south,
  ];
  const zooms = touchedTiles([box, box], view, { minzoom: 12, maxzoom: 16 }).map(({ z }) => z);
  expect([...new Set(zooms)]).toEqual([12, 13, 14, 15]);
});

test('beyond its last zoom a source is drawn from tiles of that zoom', () => {
  const tiles = touchedTiles([view.bbox], { ...view, zoom: 19 }, { minzoom: 14, maxzoom: 14 });
  expect(tiles.every(({ z }) => z === 14)).toBe(true);
  expect(tiles.length).toBeGreaterThan(0);
});

test('a change without a box touches everything in sight', () => {
  const source = { minzoom: 12, maxzoom: 13 };
  expect(touchedTiles([], view, source)).toEqual(
    touchedTiles([[-180, -85, 180, 85]], view, source),
  );
});

import { afterEach, describe, expect, it } from 'vitest';
import { setLang } from '../i18n';
import { formatShort } from '../ui/format';
import { bubbles } from './bubbles';
import { type Cluster, Clusters, cellNumber, drivingShare, levelOf, radiusPx } from './clusters';

const cluster = (column: number, count: number): Cluster => ({
  cell: cellNumber(column, 3),
  x: 0.5,
  y: 0.5,
  count,
  moving: 0,
  idle: count,
});

describe('clusters', () => {
  it('are replaced by a snapshot and changed by differences', () => {
    const clusters = new Clusters();
    clusters.replace({ level: 8, cells: [cluster(1, 10), cluster(2, 5)], gone: [] });
    expect(clusters.total()).toBe(15);
    clusters.apply({ level: 8, cells: [cluster(3, 4)], gone: [cellNumber(1, 3)] });
    clusters.apply({ level: 8, cells: [cluster(2, 6)], gone: [] });
    expect([...clusters.all()].map(({ count }) => count)).toEqual([6, 4]);
    clusters.replace({ level: 9, cells: [cluster(1, 2)], gone: [] });
    expect(clusters.total()).toBe(2);
    clusters.replace(null);
    expect([clusters.level, clusters.total()]).toEqual([null, 0]);
  });

  it('of another grid, or where vehicles are told, are left alone', () => {
    const clusters = new Clusters();
    clusters.apply({ level: 8, cells: [cluster(1, 10)], gone: [] });
    expect(clusters.total()).toBe(0);
    clusters.replace({ level: 8, cells: [], gone: [] });
    clusters.apply({ level: 9, cells: [cluster(1, 10)], gone: [] });
    expect(clusters.total()).toBe(0);
  });

  it('have one number a cell', () => {
    const corners = [0, 1, 2 ** 16 - 1];
    const numbers = corners.flatMap((column) => corners.map((row) => cellNumber(column, row)));
    expect(new Set(numbers).size).toBe(9);
  });

  it('have the grid of the whole zoom, as the server has', () => {
    expect([-1, 0, 0.9, 8, 12.99, 13.4, 20].map(levelOf)).toEqual([3, 3, 3, 11, 15, 16, 16]);
  });
});

describe('a bubble', () => {
  afterEach(() => setLang('zh'));

  it('grows with the number of vehicles and never beyond its cell', () => {
    const radii = [1, 10, 100, 1_000, 100_000].map(radiusPx);
    expect(radii).toEqual([12, 17, 22, 27, 32]);
  });

  it('says how many drive of those that are heard of', () => {
    expect(drivingShare({ moving: 1, idle: 3 })).toBe(0.25);
    expect(drivingShare({ moving: 0, idle: 0 })).toBeNull();
    const [first] = bubbles([{ ...cluster(1, 12_345), moving: 0, idle: 0 }]).features;
    expect(first?.properties).toMatchObject({ text: '1.2\u00a0万', driving: -1 });
    expect(first?.geometry.coordinates).toEqual([0, 0]);
  });

  it('has a number that fits in', () => {
    const counts = [7, 9_999, 10_000, 12_345, 100_000, 250_000_000];
    expect(counts.map(formatShort)).toEqual([
      '7',
      '9,999',
      '1\u00a0万',
      '1.2\u00a0万',
      '10\u00a0万',
      '2.5\u00a0亿',
    ]);
    setLang('en');
    expect(counts.map(formatShort)).toEqual(['7', '9,999', '10k', '12k', '100k', '250M']);
  });
});

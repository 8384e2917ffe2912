/**
 * Vehicles that the server has counted by cells of the map, because the view has too many of them to tell apart. Pure: what
 * is told becomes what is known.
 */

/** Of more vehicles than this in a view from far away the server is to tell clusters. */
export const CLUSTER_ABOVE = 2_000;
/** The world has 2^3 cells each way at zoom 0, and no finer ones than at this zoom. */
const CELL_BITS = 3;
const FINEST_ZOOM = 13;

/** The vehicles of one cell. */
export interface Cluster {
  /** Column and row of the cell as one number. */
  cell: number;
  /** Where they are in the mean, in Mercator: the world is the unit square. */
  x: number;
  y: number;
  count: number;
  moving: number;
  /** Standing; the rest is silent. */
  idle: number;
}

/** New or changed cells, and those that are empty now. */
export interface ClusterNews {
  /** The grid has 2^level cells each way. */
  level: number;
  cells: Cluster[];
  gone: number[];
}

export class Clusters {
  /** Null while the server tells vehicles. */
  level: number | null = null;
  private readonly cells = new Map<number, Cluster>();

  /** What a snapshot says replaces everything; null when it has vehicles and no clusters. */
  replace(news: ClusterNews | null): void {
    this.cells.clear();
    this.level = news?.level ?? null;
    if (news !== null) this.apply(news);
  }

  /** What a difference says. One of another grid belongs to a snapshot that this client does not have. */
  apply(news: ClusterNews): void {
    if (news.level !== this.level) return;
    for (const cell of news.gone) this.cells.delete(cell);
    for (const cluster of news.cells) this.cells.set(cluster.cell, cluster);
  }

  all(): IterableIterator<Cluster> {
    return this.cells.values();
  }

  /** How many vehicles they stand for, those beyond the edges of the window among them. */
  total(): number {
    let total = 0;
    for (const { count } of this.cells.values()) total += count;
    return total;
  }
}

/** Column and row of a cell as one number; a grid of clusters has less than 2^24 of each. */
export function cellNumber(column: number, row: number): number {
  return column * 2 ** 24 + row;
}

/** The grid that a zoom is given. */
export function levelOf(zoom: number): number {
  return Math.max(0, Math.min(FINEST_ZOOM, Math.floor(zoom))) + CELL_BITS;
}

/** The radius of a bubble in CSS pixels: five more for ten times as many, until it fills its cell. */
export function radiusPx(count: number): number {
  return Math.min(32, 12 + 5 * Math.log10(Math.max(1, count)));
}

/** The share of those that drive among those that are heard of, 0 to 1; null when all are silent. */
export function drivingShare({ moving, idle }: Pick<Cluster, 'moving' | 'idle'>): number | null {
  return moving + idle === 0 ? null : moving / (moving + idle);
}

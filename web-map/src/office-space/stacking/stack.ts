/** From the floors of a building to bars: who has how much of each, drawn to one scale, in one order of colours. */
import type { Amount, FloorSpace } from '../../api/space';
import { num } from '../amount';

/** What nobody uses, and what nobody has entered. */
export type Gap = 'vacant' | 'unregistered';

export interface Segment {
  key: number | Gap;
  /** Null for an organisation's. */
  gap: Gap | null;
  name: string | null;
  color: string | null;
  m2: number;
}

export interface Bar {
  floor: FloorSpace;
  m2: number;
  /** Of the widest bar. */
  share: number;
  segments: Segment[];
}

export interface Holder {
  org_id: number;
  name: string;
  color: string;
  m2: number;
}

export interface Stack {
  bars: Bar[];
  /** Who has most comes first, in the legend and in every bar. */
  holders: Holder[];
  m2: number;
  vacant: number;
  unregistered: number;
}

export function stackOf(floors: readonly FloorSpace[]): Stack {
  const holders = holdersOf(floors);
  const rank = new Map(holders.map(({ org_id }, index) => [org_id, index]));
  const bars = floors.map((floor) => {
    const orgs = [...floor.orgs].sort(
      (a, b) => (rank.get(a.org_id) ?? 0) - (rank.get(b.org_id) ?? 0),
    );
    const segments: Segment[] = [
      ...orgs.map((org) => ({ ...org, key: org.org_id, gap: null, m2: num(org.m2) })),
      gapOf('vacant', floor.vacant_m2),
      gapOf('unregistered', floor.unregistered_m2),
    ].filter(({ m2 }) => m2 > 0);
    return { floor, m2: sum(segments.map(({ m2 }) => m2)), share: 0, segments };
  });
  const widest = Math.max(0, ...bars.map((bar) => bar.m2));
  return {
    bars: bars.map((bar) => ({ ...bar, share: widest > 0 ? bar.m2 / widest : 0 })),
    holders,
    m2: sum(bars.map((bar) => bar.m2)),
    vacant: sum(floors.map((floor) => num(floor.vacant_m2))),
    unregistered: sum(floors.map((floor) => num(floor.unregistered_m2))),
  };
}

function gapOf(gap: Gap, m2: Amount): Segment {
  return { key: gap, gap, name: null, color: null, m2: num(m2) };
}

function holdersOf(floors: readonly FloorSpace[]): Holder[] {
  const found = new Map<number, Holder>();
  for (const org of floors.flatMap((floor) => floor.orgs)) {
    const { org_id, name, color } = org;
    const before = found.get(org_id)?.m2 ?? 0;
    found.set(org_id, { org_id, name, color, m2: before + num(org.m2) });
  }
  return [...found.values()].sort((a, b) => b.m2 - a.m2 || a.org_id - b.org_id);
}

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

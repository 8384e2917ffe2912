import { describe, expect, it } from 'vitest';
import { advanced, apart, begin, DWELL_MS, PAUSE_MS, paused, pauseLeftS } from './tour';

describe('the tour', () => {
  it('stays for its dwell and then goes to the first stop', () => {
    const tour = begin(0);
    expect(advanced(tour, 3, DWELL_MS - 1)).toBe(tour);
    expect(advanced(tour, 3, DWELL_MS).at).toBe(0);
  });

  it('ends each round with the overview', () => {
    let tour = begin(0);
    const seen: number[] = [];
    for (let step = 1; step <= 8; step += 1) {
      tour = advanced(tour, 3, step * DWELL_MS);
      seen.push(tour.at);
    }
    expect(seen).toEqual([0, 1, 2, -1, 0, 1, 2, -1]);
  });

  it('leaves the map to whoever touched it and goes on a minute after the last touch', () => {
    const touched = paused(begin(0), DWELL_MS - 1);
    const due = DWELL_MS - 1 + PAUSE_MS;
    expect(advanced(touched, 3, due - 1)).toBe(touched);
    expect(pauseLeftS(touched, due - 1_500)).toBe(2);
    expect(advanced(touched, 3, due).at).toBe(0);
  });

  it('stays where it is when there is nowhere to go', () => {
    const tour = begin(0);
    expect(advanced(tour, 0, 1e9)).toBe(tour);
  });

  it('finds its place when the list of stops got shorter', () => {
    expect(advanced({ at: 9, dueMs: 0, pausedUntilMs: 0 }, 3, 1).at).toBe(-1);
  });
});

describe('the stops', () => {
  const stop = (name: string, lat: number) => ({ name, subtitle: '', lon: 105.5, lat });

  it('are one for each compound and no more than asked for', () => {
    const found = [
      stop('1号楼', 36.5),
      stop('2号楼', 36.502),
      stop('县机关', 36.51),
      stop('区机关', 36.6),
    ];
    expect(apart(found, 12).map(({ name }) => name)).toEqual(['1号楼', '县机关', '区机关']);
    expect(apart(found, 2)).toHaveLength(2);
  });
});

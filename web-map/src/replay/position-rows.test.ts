import { expect, it } from 'vitest';
import { decodeTracks } from './decode';
import { positionRows } from './position-rows';
import { encoded } from './sample';
import { Tracks } from './tracks';

it('a row says who, when in Beijing, where, how fast and which way; what was not told is empty', () => {
  const base = Date.parse('2026-11-27T00:00:00+08:00');
  const tracks = new Tracks({ fromMs: base, toMs: base + 3_600_000 }, [1]);
  const answer = encoded(base, {
    1: [
      [base + 61_000, 105.5, 36.25, 43.2, 90],
      [base + 62_000, 105.5, 36.25],
    ],
  });
  tracks.put(0, decodeTracks(answer));
  expect([...positionRows(tracks, 1, '澜A·00001')]).toEqual([
    ['澜A·00001', '2026-11-27 00:01:01', '105.5000000', '36.2500000', 43.2, 90],
    ['澜A·00001', '2026-11-27 00:01:02', '105.5000000', '36.2500000', null, null],
  ]);
});

import { expect, it } from 'vitest';
import { decodeTracks, NOT_TOLD } from './decode';
import { encoded } from './sample';
import { speedChart } from './speed-chart';
import { Tracks } from './tracks';

it('each column has the least and the most of its positions, and says where nothing is known', () => {
  const tracks = new Tracks({ fromMs: 0, toMs: 4_000 }, [1]);
  tracks.put(
    0,
    decodeTracks(
      encoded(0, {
        1: [
          [0, 105, 36, 10],
          [500, 105, 36, 90],
          [900, 105, 36, 30],
          [2_500, 105, 36, null],
          [3_999, 105, 36, 0],
        ],
      }),
    ),
  );
  const chart = speedChart(
    tracks.piecesOf(1).map(({ piece }) => piece),
    tracks.window,
    4,
  );
  expect([...chart.most]).toEqual([900, 0, 0, 0]);
  expect([...chart.least]).toEqual([100, NOT_TOLD, NOT_TOLD, 0]);
  expect(chart.topKmh).toBe(90);
});

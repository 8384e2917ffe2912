import { expect, it } from 'vitest';
import type { TrackPoint } from '../../api';
import { extended, lengthM, TRACK_WINDOW_MS } from './track';

const point = (t: number, lat = 39.9): TrackPoint => [116.4, lat, t, 30];

it('a track grows by a later fix', () => {
  expect(extended([point(1)], point(2), 2)).toEqual([point(1), point(2)]);
});

it('a fix it already ends with does not make it longer', () => {
  expect(extended([point(1), point(2)], point(2), 2)).toHaveLength(2);
  expect(extended([point(1), point(2)], point(1), 2)).toHaveLength(2);
});

it('a track forgets what is older than half an hour, so it never grows for ever', () => {
  const late = TRACK_WINDOW_MS + 2;
  expect(extended([point(1), point(2)], point(late), late)).toEqual([point(2), point(late)]);
});

it('a thousandth of a degree of latitude is 111 metres long', () => {
  expect(lengthM([point(1, 39.9), point(2, 39.901)])).toBeCloseTo(111.3, 0);
  expect(lengthM([point(1)])).toBe(0);
});

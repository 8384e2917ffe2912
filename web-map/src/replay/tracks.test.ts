import { expect, it } from 'vitest';
import { decodeTracks } from './decode';
import { encoded, type Row } from './sample';
import { Tracks } from './tracks';

const BASE = Date.parse('2026-11-27T00:00:00+08:00');
const HOUR = 3_600_000;
const DAY = { fromMs: BASE, toMs: BASE + 24 * HOUR };

/** Seconds after the start, lon, lat, km/h, heading. */
type Short = [s: number, lon: number, lat: number, speed?: number | null, heading?: number | null];
const rows = (short: Short[]): Row[] =>
  short.map(([s, lon, lat, speed, heading]) => [BASE + s * 1000, lon, lat, speed, heading]);

function tracksOf(vehicles: Record<number, Short[]>): Tracks {
  const tracks = new Tracks(DAY, Object.keys(vehicles).map(Number));
  const all = Object.fromEntries(Object.entries(vehicles).map(([id, own]) => [id, rows(own)]));
  tracks.put(0, decodeTracks(encoded(BASE, all)));
  return tracks;
}

const at = (s: number) => BASE + s * 1000;

it('between two fixes a vehicle is on the way from one to the other', () => {
  const tracks = tracksOf({
    1: [
      [10, 105, 36, 40, 90],
      [20, 105.001, 36, 60, 100],
    ],
  });
  const half = tracks.at(1, at(15));
  expect(half.state).toBe('moving');
  expect(half.lon).toBeCloseTo(105.0005, 7);
  expect(half.speedKmh).toBeCloseTo(50);
  expect(half.heading).toBeCloseTo(95);
});

it('a heading turns the shorter way over north', () => {
  const tracks = tracksOf({
    1: [
      [0, 105, 36, 9, 350],
      [10, 105, 36.001, 9, 30],
    ],
  });
  expect(tracks.at(1, at(5)).heading).toBeCloseTo(10);
});

it('a heading or a speed that one of them does not tell is the other or none', () => {
  const tracks = tracksOf({
    1: [
      [0, 105, 36, null, null],
      [10, 105, 36.001, 50, 20],
    ],
  });
  expect(tracks.at(1, at(5))).toMatchObject({ heading: 20, speedKmh: null, state: 'standing' });
});

it('through a silence of more than ten minutes it stays at its last place and is told as silent', () => {
  const tracks = tracksOf({
    1: [
      [0, 105, 36, 40, 0],
      [601, 105.1, 36, 40, 0],
    ],
  });
  expect(tracks.at(1, at(0)).state).toBe('moving');
  expect(tracks.at(1, at(300))).toMatchObject({ state: 'silent', lon: 105, speedKmh: null });
  expect(tracks.at(1, at(601))).toMatchObject({ state: 'moving', lon: 105.1 });
});

it('a silence of ten minutes is none yet', () => {
  const tracks = tracksOf({
    1: [
      [0, 105, 36, 40, 0],
      [600, 105.1, 36, 40, 0],
    ],
  });
  expect(tracks.at(1, at(300)).lon).toBeCloseTo(105.05);
});

it('before the first fix nobody knows where it is; after the last it stays and falls silent', () => {
  const tracks = tracksOf({ 1: [[100, 105, 36, 40, 0]] });
  expect(tracks.at(1, at(99)).state).toBe('unheard');
  expect(tracks.at(1, at(100)).state).toBe('moving');
  expect(tracks.at(1, at(5_000))).toMatchObject({ state: 'silent', lon: 105 });
});

it('a vehicle that the server left out is told as refused', () => {
  const tracks = new Tracks(DAY, [1, 2]);
  expect(tracks.at(2, at(0)).state).toBe('loading');
  tracks.put(0, decodeTracks(encoded(BASE, { 1: [] })));
  expect(tracks.at(1, at(0)).state).toBe('unheard');
  expect(tracks.at(2, at(0)).state).toBe('refused');
});

it('goes over the border of two chunks as if there were none', () => {
  const ids = Array.from({ length: 200 }, (_, index) => index + 1);
  const tracks = new Tracks(DAY, ids);
  expect(tracks.chunks).toHaveLength(24);
  const second = BASE + HOUR;
  tracks.put(0, decodeTracks(encoded(BASE, { 1: [[second - 10_000, 105, 36, 36, 0]] })));
  expect(tracks.at(1, second - 5_000).lon).toBe(105);
  tracks.put(1, decodeTracks(encoded(second, { 1: [[second + 10_000, 105.002, 36, 36, 0]] })));
  expect(tracks.at(1, second).lon).toBeCloseTo(105.001, 7);
  expect(tracks.isKnown(second + HOUR / 2)).toBe(true);
  expect(tracks.isKnown(second + 2 * HOUR)).toBe(false);
  expect(tracks.isComplete).toBe(false);
});

it('the distance grows by what is driven, and not by noise at a standstill or by a silence', () => {
  const tracks = tracksOf({
    1: [
      [0, 105, 36, 40, 0],
      [60, 105, 36.01, 40, 0],
      [120, 105, 36.010_02, 0, 0],
      [180, 105, 36.01, 0, 0],
      [2_000, 105, 37, 40, 0],
      [2_060, 105, 37.01, 40, 0],
    ],
  });
  expect(tracks.drivenM(1, at(0))).toBe(0);
  expect(tracks.drivenM(1, at(60))).toBeCloseTo(1113.2, 0);
  expect(tracks.drivenM(1, at(180))).toBeCloseTo(1113.2, 0);
  expect(tracks.drivenM(1, at(9_000))).toBeCloseTo(2226.4, 0);
});

it('the first moment that something moves is not before anything was heard', () => {
  const tracks = tracksOf({
    1: [
      [7_203, 105, 36, 30, 0],
      [7_213, 105, 36.001, 30, 0],
    ],
  });
  expect(tracks.firstBusyMs()).toBe(at(7_203));
});

it('standstill is passed over up to where the first of all vehicles moves', () => {
  const tracks = tracksOf({
    1: [
      [0, 105, 36, 0, 0],
      [3_600, 105, 36, 0, 0],
    ],
    2: [
      [7_200, 105, 36, 30, 0],
      [7_210, 105, 36.001, 30, 0],
    ],
  });
  expect(tracks.firstBusyMs()).toBe(at(7_200));
  expect(tracks.nextBusyMs(at(60))).toBe(at(7_195));
  expect(tracks.nextBusyMs(at(7_205))).toBeNull();
  expect(tracks.nextBusyMs(at(8_000))).toBe(DAY.toMs);
});

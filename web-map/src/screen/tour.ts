/** The slow camera tour of the wall: which stop comes next, and when. Pure, so that weeks pass in a test. */

import { mercatorX, mercatorY, metresPerUnit } from '../live/mercator';

export interface Stop {
  name: string;
  subtitle: string;
  lon: number;
  lat: number;
}

export const DWELL_MS = 14_000;
/** After somebody touched the map it stays theirs for this long. */
export const PAUSE_MS = 60_000;

/** Buildings of one compound are one stop: the first of each group nearer than this to each other. */
const APART_M = 400;

export function apart(stops: Stop[], limit: number): Stop[] {
  const kept: Stop[] = [];
  for (const stop of stops) {
    if (kept.length === limit) break;
    if (kept.every((other) => distanceM(other, stop) >= APART_M)) kept.push(stop);
  }
  return kept;
}

function distanceM(a: Stop, b: Stop): number {
  const y = mercatorY(a.lat);
  const units = Math.hypot(mercatorX(a.lon) - mercatorX(b.lon), y - mercatorY(b.lat));
  return units * metresPerUnit(y);
}

export interface Tour {
  /** -1 is the overview of everything. */
  at: number;
  /** When the next move is due. */
  dueMs: number;
  pausedUntilMs: number;
}

export function begin(nowMs: number): Tour {
  return { at: -1, dueMs: nowMs + DWELL_MS, pausedUntilMs: 0 };
}

/** Somebody touched the map. */
export function paused(tour: Tour, nowMs: number): Tour {
  return { ...tour, pausedUntilMs: nowMs + PAUSE_MS };
}

export function pauseLeftS(tour: Tour, nowMs: number): number {
  return Math.max(0, Math.ceil((tour.pausedUntilMs - nowMs) / 1000));
}

/** The tour after `nowMs`; the same object while nothing is due. After the last of `stops` comes the overview. */
export function advanced(tour: Tour, stops: number, nowMs: number): Tour {
  if (stops === 0 || nowMs < tour.dueMs || nowMs < tour.pausedUntilMs) return tour;
  const next = tour.at + 1;
  return { ...tour, at: next >= stops ? -1 : next, dueMs: nowMs + DWELL_MS };
}

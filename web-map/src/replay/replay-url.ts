/**
 * A replay as an address and back: `v` the vehicles, `from` and `to` the window, `at` the moment, `x` the speed, `follow` the
 * vehicle the camera stays with, `s` the one whose chart and trips are shown, `skip` whether standstill is passed over, `c`
 * the camera. Opened again it is the same picture.
 */
import { decodeCamera, encodeCamera, type Query } from '../router/view-url';
import type { Camera } from '../stores/view';
import { type DaySpan, daySpan, momentOf, rfc3339 } from './beijing-time';
import { MOST_VEHICLES } from './chunks';
import { SPEEDS, type Speed, USUAL_SPEED } from './player';

export interface ReplayState {
  vehicles: number[];
  window: DaySpan;
  /** Null: from the first movement on. */
  atMs: number | null;
  speed: Speed;
  follow: number | null;
  selected: number | null;
  skip: boolean;
  camera: Camera | null;
}

const LONGEST_MS = 24 * 3_600_000;

export function encodeReplay(state: ReplayState): Query {
  const query: Query = {};
  if (state.vehicles.length > 0) query.v = state.vehicles.join(',');
  query.from = rfc3339(state.window.fromMs);
  query.to = rfc3339(state.window.toMs);
  if (state.atMs !== null) query.at = rfc3339(state.atMs);
  if (state.speed !== USUAL_SPEED) query.x = String(state.speed);
  if (state.follow !== null) query.follow = String(state.follow);
  if (state.selected !== null && state.selected !== state.vehicles[0]) {
    query.s = String(state.selected);
  }
  if (state.skip) query.skip = '1';
  if (state.camera) query.c = encodeCamera(state.camera);
  return query;
}

/** Anything may stand in an address: what cannot be read falls back to its default, the window to the day `today`. */
export function decodeReplay(query: Record<string, unknown>, today: string): ReplayState {
  const text = (key: string): string => {
    const value = query[key];
    return typeof value === 'string' ? value : '';
  };
  const vehicles = idsIn(text('v'));
  const among = (key: string) => vehicles.find((id) => String(id) === text(key)) ?? null;
  const window = windowOf(momentOf(text('from')), momentOf(text('to')), today);
  const at = momentOf(text('at'));
  return {
    vehicles,
    window,
    atMs: at === null ? null : Math.min(Math.max(at, window.fromMs), window.toMs),
    speed: SPEEDS.find((speed) => String(speed) === text('x')) ?? USUAL_SPEED,
    follow: among('follow'),
    selected: among('s') ?? vehicles[0] ?? null,
    skip: text('skip') === '1',
    camera: decodeCamera(text('c') || null),
  };
}

/** A day at most: what is longer is cut at its end. */
function windowOf(fromMs: number | null, toMs: number | null, today: string): DaySpan {
  if (fromMs === null) return daySpan(today);
  if (toMs === null || toMs <= fromMs) return { fromMs, toMs: fromMs + LONGEST_MS };
  return { fromMs, toMs: Math.min(toMs, fromMs + LONGEST_MS) };
}

function idsIn(text: string): number[] {
  const ids = text
    .split(',')
    .filter((part) => /^\d{1,15}$/.test(part))
    .map(Number);
  return [...new Set(ids)].slice(0, MOST_VEHICLES);
}

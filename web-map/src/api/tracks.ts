/** Where vehicles were and what they did: what a replay is made of. */
import { type Alarm, listAlarms } from './alarms';
import { ApiProblem, call, PROBLEMS, queryString, refusalIn } from './client';

const TIMEOUT_MS = 30_000;

export interface TracksAnswer {
  /** The positions of several vehicles as `replay/decode.ts` reads them. */
  bytes: ArrayBuffer;
  /** Days (UTC) of the window that went to the archive: of them there are no positions here. */
  archivedDays: readonly string[];
}

export async function fetchTracks(
  vehicles: readonly number[],
  fromMs: number,
  toMs: number,
  signal: AbortSignal,
): Promise<TracksAnswer> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const query = queryString({ vehicles: vehicles.join(','), from: iso(fromMs), to: iso(toMs) });
  try {
    const response = await fetch(`/api/v1/tracks${query}`, {
      headers: { accept: 'application/vnd.onemap.tracks' },
      signal: AbortSignal.any([signal, timeout]),
    });
    if (!response.ok) throw await refusalIn(response);
    const days = response.headers.get('onemap-archived-days') ?? '';
    const archivedDays = days.split(',').filter((day) => day !== '');
    return { bytes: await response.arrayBuffer(), archivedDays };
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof ApiProblem) throw cause;
    throw new ApiProblem(timeout.aborted ? PROBLEMS.timedOut : PROBLEMS.unreachable);
  }
}

export interface Trip {
  start_ms: number;
  end_ms: number;
  /** lon, lat */
  start: [number, number];
  end: [number, number];
  distance_m: number;
  max_kmh: number;
}

export interface Stop {
  start_ms: number;
  end_ms: number;
  /** lon, lat */
  place: [number, number];
}

export interface Journeys {
  trips: Trip[];
  stops: Stop[];
  /** What has not ended yet. */
  open: { trip: Trip } | { stop: Stop } | null;
}

/** Those that touch the window. */
export const getJourneys = (
  id: number,
  fromMs: number,
  toMs: number,
  signal?: AbortSignal,
): Promise<Journeys> =>
  call(`/vehicles/${id}/trips`, { query: { from: iso(fromMs), to: iso(toMs) }, signal });

const ALARM_PAGE = 500;
/** More marks than these are no marks any more. */
const ALARM_PAGES = 4;

/** Those that began in the window, the newest first. */
export async function alarmsBetween(
  vehicle: number,
  fromMs: number,
  toMs: number,
  signal?: AbortSignal,
): Promise<Alarm[]> {
  const alarms: Alarm[] = [];
  let before: number | undefined;
  for (let page = 0; page < ALARM_PAGES; page += 1) {
    const query = { vehicle, from: iso(fromMs), to: iso(toMs), limit: ALARM_PAGE, before };
    const { items, next } = await listAlarms(query, signal);
    alarms.push(...items);
    if (next === null) break;
    before = next;
  }
  return alarms;
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** Stops and alarms as marks of the day: one list for the map, the scrubber and the panel. */
import type { Alarm } from '../api/alarms';
import type { Journeys, Stop, Trip } from '../api/tracks';
import type { Bilingual } from '../api/types';
import type { Span } from './chunks';

/** Shorter ones are traffic lights and loading. */
export const STOP_MS = 3 * 60_000;

interface MarkBase {
  vehicle: number;
  /** Where a click leads: inside the window. */
  atMs: number;
  startMs: number;
  /** Null while it lasts. */
  endMs: number | null;
  /** lon, lat; null where nobody knows. */
  place: [number, number] | null;
}

export interface StopMark extends MarkBase {
  kind: 'stop';
}

export interface AlarmMark extends MarkBase {
  kind: 'alarm';
  title: Bilingual | string;
  level: number;
  alarmId: number;
}

export type Mark = StopMark | AlarmMark;

export interface Day {
  trips: Trip[];
  marks: Mark[];
}

/** What began before the window counts from its beginning. */
export function dayOfVehicle(
  vehicle: number,
  journeys: Journeys,
  alarms: readonly Alarm[],
  window: Span,
): Day {
  const { open } = journeys;
  const trips = [...journeys.trips, ...(open && 'trip' in open ? [open.trip] : [])];
  const stops: [Stop, number | null][] = journeys.stops.map((stop) => [stop, stop.end_ms]);
  if (open && 'stop' in open) stops.push([open.stop, null]);
  const inside = (startMs: number, endMs: number | null) =>
    startMs < window.toMs && (endMs ?? Number.POSITIVE_INFINITY) >= window.fromMs;
  const at = (ms: number) => Math.min(Math.max(ms, window.fromMs), window.toMs);

  const marks: Mark[] = [];
  for (const [stop, endMs] of stops) {
    const isLong = endMs === null || endMs - stop.start_ms >= STOP_MS;
    if (!isLong || !inside(stop.start_ms, endMs)) continue;
    const { start_ms: startMs, place } = stop;
    marks.push({ kind: 'stop', vehicle, atMs: at(startMs), startMs, endMs, place });
  }
  for (const alarm of alarms) {
    const { started_ms: startMs, ended_ms: endMs, place, level, alarm_id: alarmId } = alarm;
    if (startMs < window.fromMs || startMs >= window.toMs) continue;
    const title = alarm.title ?? alarm.rule;
    marks.push({
      kind: 'alarm',
      vehicle,
      atMs: startMs,
      startMs,
      endMs,
      place,
      title,
      level,
      alarmId,
    });
  }
  marks.sort((a, b) => a.atMs - b.atMs);
  return {
    trips: trips
      .filter((trip) => inside(trip.start_ms, trip.end_ms))
      .sort((a, b) => a.start_ms - b.start_ms),
    marks,
  };
}

/** The mark nearest to a moment, no farther than `withinMs`. An alarm is small: of two as near it wins. */
export function markNear(marks: readonly Mark[], ms: number, withinMs: number): Mark | null {
  let found: Mark | null = null;
  let nearest = withinMs;
  for (const mark of marks) {
    const away = Math.abs(mark.atMs - ms);
    if (away > withinMs) continue;
    const wins =
      found === null || (mark.kind === found.kind ? away < nearest : mark.kind === 'alarm');
    if (!wins) continue;
    found = mark;
    nearest = away;
  }
  return found;
}

/** A vehicle as the list last told it, brought up to date by the live stream where that knows more. */
import type { Vehicle, VehicleStatus } from '../../api';
import type { Shown } from '../../live/fleet';
import { statusName } from '../../live/protocol';

export interface Current {
  status: VehicleStatus;
  lon: number | null;
  lat: number | null;
  speedKmh: number | null;
  heading: number | null;
  fixMs: number | null;
}

/** The later fix wins; at the same fix the stream does, because a status can change without one. */
export function current(listed: Vehicle, live: Shown | null): Current {
  if (live !== null && live.fixMs >= (listed.fix_ms ?? 0)) {
    return {
      status: statusName(live.status),
      lon: live.lon,
      lat: live.lat,
      speedKmh: live.speedKmh,
      heading: live.heading,
      fixMs: live.fixMs,
    };
  }
  return {
    status: listed.status,
    lon: listed.lon,
    lat: listed.lat,
    speedKmh: listed.speed_kmh,
    heading: listed.heading,
    fixMs: listed.fix_ms,
  };
}

/** Which of the eight winds a heading points to: 0 north, 1 north-east, … */
export function windOf(headingDeg: number): number {
  return Math.round((((headingDeg % 360) + 360) % 360) / 45) % 8;
}

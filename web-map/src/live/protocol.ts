/**
 * The frames of the live stream, and the only place where bytes from the network become typed values.
 * Past `parseFrame` a frame is valid and is never checked again.
 */

import { CLUSTER_ABOVE, type ClusterNews } from './clusters';
import { FLEET_TOPICS, type FleetTopic } from './fleet-news';

export const VEHICLE_STATUSES = ['unknown', 'moving', 'idle', 'offline'] as const;
/** The name of a status; its place in `VEHICLE_STATUSES` is its code on the wire. */
export type StatusName = (typeof VEHICLE_STATUSES)[number];
export type StatusCode = 0 | 1 | 2 | 3;

/** One vehicle of the stream. `heading` is clockwise degrees from north, `fixMs` the terminal's clock. */
export interface LiveVehicle {
  id: number;
  lon: number;
  lat: number;
  heading: number;
  speedKmh: number;
  fixMs: number;
  status: StatusCode;
  plate: string;
}

/** West, south, east, north in WGS 84 degrees. */
export type Bbox = [number, number, number, number];

export interface FleetCounts {
  moving: number;
  idle: number;
  offline: number;
  total: number;
}

interface FrameHead {
  seq: number;
  /** The server's clock when the frame was made. */
  atMs: number;
}

export interface SnapshotFrame extends FrameHead {
  type: 'snapshot';
  vehicles: LiveVehicle[];
  total: number;
  /** Of all vehicles in the view, where these are too many: then `vehicles` are only those that are kept. */
  clusters?: ClusterNews;
}

export interface DeltaFrame extends FrameHead {
  type: 'delta';
  upsert: LiveVehicle[];
  remove: number[];
  clusters?: ClusterNews;
}

export interface LayerChangedFrame extends FrameHead {
  type: 'layer_changed';
  layer: string;
  version: number;
  bboxes: Bbox[];
}

export interface HeartbeatFrame extends FrameHead {
  type: 'heartbeat';
  counts: FleetCounts;
}

/** What this account may see is not what it was: everything shown has to be fetched again. */
export interface RightsChangedFrame extends FrameHead {
  type: 'rights_changed';
}

/** Icons look different: the style has to be fetched again. */
export interface StyleChangedFrame extends FrameHead {
  type: 'style_changed';
}

/** Alarms or seals of vehicles that this account may know of have changed: whoever shows them asks again. */
export interface FleetChangedFrame extends FrameHead {
  type: 'fleet_changed';
  about: FleetTopic[];
}

/** A kind this client does not know: its sequence number still counts, its content is left alone. */
export interface UnknownFrame extends FrameHead {
  type: 'unknown';
}

export type Frame =
  | SnapshotFrame
  | DeltaFrame
  | LayerChangedFrame
  | HeartbeatFrame
  | RightsChangedFrame
  | StyleChangedFrame
  | FleetChangedFrame
  | UnknownFrame;

export interface Subscription {
  bbox: Bbox;
  zoom: number;
  layers: string[];
}

/** A frame that breaks the contract; the message names the field and the value. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

export function parseFrame(text: string): Frame {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    throw new ProtocolError('frame is not JSON');
  }
  const frame = object(raw, 'frame');
  const head: FrameHead = { seq: whole(frame.seq, 'seq'), atMs: finite(frame.at_ms, 'at_ms') };
  switch (frame.type) {
    case 'snapshot':
      return {
        type: 'snapshot',
        ...head,
        vehicles: list(frame.vehicles, 'vehicles').map(vehicle),
        total: whole(frame.total, 'total'),
      };
    case 'delta':
      return {
        type: 'delta',
        ...head,
        upsert: list(frame.upsert, 'upsert').map(vehicle),
        remove: list(frame.remove, 'remove').map((id) => whole(id, 'remove')),
      };
    case 'layer_changed':
      return {
        type: 'layer_changed',
        ...head,
        layer: string(frame.layer, 'layer'),
        version: whole(frame.version, 'version'),
        bboxes: list(frame.bboxes, 'bboxes').map(bbox),
      };
    case 'heartbeat':
      return { type: 'heartbeat', ...head, counts: counts(frame.counts) };
    case 'fleet_changed':
      return { type: 'fleet_changed', ...head, about: topics(frame.about) };
    case 'rights_changed':
    case 'style_changed':
      return { type: frame.type, ...head };
    default:
      return { type: 'unknown', ...head };
  }
}

/**
 * The text of a subscription; `resume` is the last sequence number seen before the connection was lost, `keep` the vehicles
 * that are told as themselves also among clusters.
 */
export function subscribeMessage(
  subscription: Subscription,
  resume: number | null,
  keep: readonly number[] = [],
): string {
  const { bbox, zoom, layers } = subscription;
  const subscribe = {
    bbox: bbox.map((degree) => round(degree, 6)),
    zoom: round(zoom, 2),
    layers,
    format: 'binary',
    cluster_above: CLUSTER_ABOVE,
  };
  return JSON.stringify(resume === null ? { subscribe, keep } : { subscribe, keep, resume });
}

export function keepMessage(keep: readonly number[]): string {
  return JSON.stringify({ keep });
}

export function statusName(code: StatusCode): StatusName {
  return VEHICLE_STATUSES[code];
}

function vehicle(raw: unknown): LiveVehicle {
  const row = list(raw, 'vehicle');
  const status = whole(row[6], 'status');
  if (status > 3) throw new ProtocolError(`status is ${status}, expected 0 to 3`);
  return {
    id: whole(row[0], 'feature_id'),
    lon: within(row[1], 'lon', 180),
    lat: within(row[2], 'lat', 90),
    // A vehicle that has never moved has no heading; north is as good as any.
    heading: row[3] === null ? 0 : finite(row[3], 'heading_deg'),
    speedKmh: row[4] === null ? 0 : finite(row[4], 'speed_kmh'),
    fixMs: finite(row[5], 'fix_ms'),
    status: status as StatusCode,
    plate: string(row[7], 'plate'),
  };
}

function counts(raw: unknown): FleetCounts {
  const value = object(raw, 'counts');
  return {
    moving: whole(value.moving, 'moving'),
    idle: whole(value.idle, 'idle'),
    offline: whole(value.offline, 'offline'),
    total: whole(value.total, 'total'),
  };
}

/** What a newer server tells of besides is left alone. */
function topics(raw: unknown): FleetTopic[] {
  const told = list(raw, 'about');
  return FLEET_TOPICS.filter((topic) => told.includes(topic));
}

function bbox(raw: unknown): Bbox {
  const [west, south, east, north] = list(raw, 'bbox');
  return [
    within(west, 'west', 180),
    within(south, 'south', 90),
    within(east, 'east', 180),
    within(north, 'north', 90),
  ];
}

function object(raw: unknown, field: string): Record<string, unknown> {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw wrong(field, raw);
  return raw as Record<string, unknown>;
}

function list(raw: unknown, field: string): unknown[] {
  if (!Array.isArray(raw)) throw wrong(field, raw);
  return raw;
}

function string(raw: unknown, field: string): string {
  if (typeof raw !== 'string') throw wrong(field, raw);
  return raw;
}

function finite(raw: unknown, field: string): number {
  if (typeof raw !== 'number' || !Number.isFinite(raw)) throw wrong(field, raw);
  return raw;
}

function whole(raw: unknown, field: string): number {
  if (!Number.isSafeInteger(raw) || (raw as number) < 0) throw wrong(field, raw);
  return raw as number;
}

function within(raw: unknown, field: string, limit: number): number {
  const value = finite(raw, field);
  if (Math.abs(value) > limit) throw new ProtocolError(`${field} is ${value}, beyond ${limit}`);
  return value;
}

function wrong(field: string, raw: unknown): ProtocolError {
  return new ProtocolError(`${field} is ${JSON.stringify(raw)?.slice(0, 60) ?? 'absent'}`);
}

function round(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}

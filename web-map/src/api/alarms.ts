/** Alarms of vehicles, and what people do about them. */
import { call } from './client';
import type { Bilingual } from './types';

/** 1 severe, 2 a warning, 3 a notice. */
export type AlarmLevel = 1 | 2 | 3;

export const ALARM_STATES = ['open', 'acknowledged', 'assigned', 'appealed', 'closed'] as const;
export type AlarmState = (typeof ALARM_STATES)[number];

export const ALARM_ACTS = ['acknowledge', 'assign', 'appeal', 'close', 'reopen'] as const;
export type AlarmAct = (typeof ALARM_ACTS)[number];

/** A number that the verdict went by, in the unit at the end of its name, and who set it. */
export interface UsedLimit {
  name: string;
  value: number;
  from: 'vehicle' | 'organisation' | 'default' | 'fence' | 'order';
}

export interface AlarmEvidence {
  at_ms: number;
  /** What was seen; each rule has its own. */
  seen: Record<string, unknown>;
  thresholds: UsedLimit[];
}

export interface AlarmDeed {
  act: AlarmAct;
  /** The login of whoever did it. */
  actor: string;
  at_ms: number;
  assignee: string | null;
  note: string;
}

export interface Alarm {
  alarm_id: number;
  /** Null: the vehicle is not among those that the reader sees now. */
  vehicle: { feature_id: number; plate: string; name: string } | null;
  rule: string;
  title: Bilingual | null;
  /** What it is about where a rule finds several things at one time. */
  about: string;
  level: AlarmLevel;
  started_ms: number;
  /** Null while it lasts. */
  ended_ms: number | null;
  /** lon, lat */
  place: [number, number] | null;
  /** The building, else the parcel, else the road of the place; null where none has a name that the reader may see. */
  site: { feature_id: number; kind: 'building' | 'parcel' | 'road'; name: string } | null;
  /** The fence that it is about, if the reader may see it. */
  fence: { fence_id: number; name: string } | null;
  /** The order 派车单 that it is about, if the reader may see it. */
  order: { doc_id: number; number: string | null; title: string } | null;
  evidence: AlarmEvidence;
  state: AlarmState;
  assignee: string | null;
  acts: AlarmDeed[];
}

export interface AlarmRule {
  code: string;
  title: Bilingual;
  /** Where nobody has set another one. */
  level: AlarmLevel;
  /** What it finds, in an English sentence. */
  explained: string;
  /** The numbers it goes by, each with the unit at the end of its name. */
  thresholds: { name: string; default: number }[];
}

export interface AlarmQuery {
  vehicle?: number | undefined;
  /** Only of vehicles of this organisation and of those below it. */
  org?: number | undefined;
  rule?: string | undefined;
  level?: AlarmLevel | undefined;
  state?: AlarmState | undefined;
  /** Only those that nobody has closed. */
  pending?: 'true' | undefined;
  /** RFC 3339, by the beginning of the alarm. */
  from?: string | undefined;
  /** Only those that began before. */
  to?: string | undefined;
  /** Only those with a smaller number. */
  before?: number | undefined;
  limit?: number | undefined;
}

export interface AlarmPage {
  /** The newest first. */
  items: Alarm[];
  /** What to ask for as `before`; null at the end. */
  next: number | null;
  /** How many there are on this page and on later ones; null on later pages, which do not count again. */
  total: number | null;
  /** There are more than `total`: nobody counts further. */
  is_total_capped: boolean;
}

export const listAlarms = (query: AlarmQuery, signal?: AbortSignal): Promise<AlarmPage> =>
  call('/alarms', { query: { ...query }, signal });

/** One of them, as the newest of those up to its number; null where there is none that the reader may see. */
export async function getAlarm(id: number, signal?: AbortSignal): Promise<Alarm | null> {
  const { items } = await listAlarms({ before: id + 1, limit: 1 }, signal);
  return items.find(({ alarm_id }) => alarm_id === id) ?? null;
}

export const listAlarmRules = async (signal?: AbortSignal): Promise<AlarmRule[]> =>
  (await call<{ items: AlarmRule[] }>('/alarms/rules', { signal })).items;

/** The server knows the alarm in another state than the one that was acted on. */
export const OUT_OF_TURN = 'alarm-out-of-turn';

export const actOnAlarm = (
  id: number,
  body: { act: AlarmAct; assignee?: string; note?: string },
): Promise<Alarm> => call(`/alarms/${id}/acts`, { method: 'POST', body });

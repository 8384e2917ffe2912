/** The numbers that rules of alarms go by, as people set them. */
import { call } from './client';

export interface Threshold {
  /** `<rule>.<what it limits>_<unit>`, or `<rule>.level`, where 0 turns the rule off. */
  name: string;
  value: number;
  /** Neither an organisation nor a vehicle: for all. */
  org: { org_id: number; name: string | null } | null;
  vehicle: { feature_id: number; plate: string; name: string } | null;
  changed_by: string | null;
  changed_ms: number;
}

export interface ThresholdPlan {
  name: string;
  /** Null takes it away. */
  value: number | null;
  org_id?: number;
  vehicle_id?: number;
}

/** Those that are set: for all first, then for organisations, then for vehicles. */
export const listThresholds = async (signal?: AbortSignal): Promise<Threshold[]> =>
  (await call<{ items: Threshold[] }>('/alarms/thresholds', { signal })).items;

export const putThreshold = (body: ThresholdPlan): Promise<void> =>
  call('/alarms/thresholds', { method: 'PUT', body });

/** The shapes of the HTTP contract, as `server/README.md` states them. Coordinates are lon, lat in degrees. */
import type { Geometry } from 'geojson';

export interface Bilingual {
  zh: string;
  en: string;
}

/** `[west, south, east, north]` */
export type Bbox = [number, number, number, number];

export interface Layer {
  layer_id: string;
  title: Bilingual;
  group: { id: string; title: Bilingual };
  geometry: 'polygon' | 'line' | 'point';
  min_zoom: number;
  max_zoom: number;
  /** Absent for a layer that the database draws. */
  count: number | null;
  version: number;
  updated_at: string | null;
  visible: boolean;
  attributes: { name: string; type: string; title: Bilingual }[];
  legend: LegendEntry[];
}

export interface LegendEntry {
  title: Bilingual;
  color: string;
  shape: 'fill' | 'line' | 'circle';
  /** The pictogram on it. */
  icon?: LegendIcon;
  /** How many there are of it, where that is known. */
  count?: number | null;
}

export interface LegendIcon {
  name: string;
  /** Where its SVG is; another address whenever it looks different. */
  href: string;
}

export interface FeatureBrief {
  feature_id: number;
  kind: string;
  layer_id: string;
  name: string;
  code: string | null;
  lon: number;
  lat: number;
  ordinal?: number | null;
  org?: string | { org_id: number; name: string } | null;
  area_m2?: number | null;
}

export interface Property {
  name: string;
  title: Bilingual;
  value: string | number | boolean | Bilingual | null;
  unit?: string | null;
}

export interface Floor {
  feature_id: number;
  ordinal: number;
  name: string;
  room_count: number;
  area_m2: number | null;
}

export interface Feature extends Omit<FeatureBrief, 'org'> {
  feature_uuid: string;
  title: Bilingual;
  bbox: Bbox;
  properties: Property[];
  org?: { org_id: number; name: string; path: string[]; color: string } | null;
  parents: FeatureBrief[];
  floors: Floor[];
  geometry: Geometry | null;
}

export type Matched = 'name' | 'code' | 'plate' | 'number' | 'pinyin' | 'initials';

export interface SearchHit extends FeatureBrief {
  bbox?: Bbox | null;
  matched: Matched;
  subtitle?: string | Bilingual | null;
}

export type VehicleStatus = 'moving' | 'idle' | 'offline' | 'unknown';

export interface Vehicle {
  feature_id: number;
  plate: string;
  name: string;
  kind_title: Bilingual;
  org: { org_id: number; name: string } | null;
  terminal_id: string | null;
  status: VehicleStatus;
  lon: number | null;
  lat: number | null;
  heading: number | null;
  speed_kmh: number | null;
  fix_ms: number | null;
  age_s: number | null;
  /** RFC 3339; until when it must stand, of one vehicle alone and for those who may follow it. */
  sealed_until?: string | null;
}

/** `[lon, lat, t_ms, speed_kmh]` */
export type TrackPoint = [number, number, number, number];

export interface Figure {
  id: string;
  title: Bilingual;
  value: number;
  unit?: string | Bilingual | null;
  as_of: string;
  href: string;
}

export interface Org {
  org_id: number;
  code: string;
  name: string;
  level: number;
  parent_id: number | null;
  color: string;
}

import type { Vehicle } from '../../api';

export const vehicle = (id: number, over: Partial<Vehicle> = {}): Vehicle => ({
  feature_id: id,
  plate: `示A·1000${id}`,
  name: '公务车',
  kind_title: { zh: '轿车', en: 'Car' },
  org: { org_id: 1, name: '机关事务局' },
  terminal_id: `T${id}`,
  status: 'idle',
  lon: 105.1,
  lat: 36.2,
  heading: 0,
  speed_kmh: 0,
  fix_ms: Date.UTC(2026, 10, 27, 0, 15, 30),
  age_s: 3,
  ...over,
});

/** An alarm for tests: one of speeding, unless told otherwise. */
import type { Alarm, AlarmPage } from '../api/alarms';

/** The only page of alarms, unless told otherwise. */
export const pageOf = (items: Alarm[], rest: Partial<AlarmPage> = {}): AlarmPage => ({
  items,
  next: null,
  total: items.length,
  is_total_capped: false,
  ...rest,
});

export function alarmOf(
  id: number,
  { seen = {}, thresholds = [], ...rest }: Partial<Alarm> & Partial<Alarm['evidence']> = {},
): Alarm {
  return {
    alarm_id: id,
    vehicle: { feature_id: 7, plate: '澜A·00007', name: '轿车' },
    rule: 'speeding',
    title: { zh: '超速', en: 'speeding' },
    about: '',
    level: 2,
    started_ms: Date.parse('2026-11-27T09:00:00+08:00'),
    ended_ms: null,
    place: [105.5, 36.5],
    site: null,
    fence: null,
    order: null,
    evidence: { at_ms: Date.parse('2026-11-27T09:01:00+08:00'), seen, thresholds },
    state: 'open',
    assignee: null,
    acts: [],
    ...rest,
  };
}

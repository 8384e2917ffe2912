/** A list that was scrolled far stays as it is while its beginning is asked for again. */
import type { Alarm, AlarmPage } from '../api/alarms';

/** As far as the new first page goes it is right; what is older is kept, unless more came than the page holds. */
export function merged(known: AlarmPage, first: AlarmPage): AlarmPage {
  const last = first.next;
  if (last === null) return first;
  const newestKnown = known.items[0]?.alarm_id ?? 0;
  if (newestKnown < last) return first;
  const older = known.items.filter(({ alarm_id }) => alarm_id < last);
  if (older.length === 0) return first;
  return { items: [...first.items, ...older], next: known.next };
}

/** The alarm as it is now, where it stands in the list. */
export function put(page: AlarmPage, alarm: Alarm): AlarmPage {
  const items = page.items.map((one) => (one.alarm_id === alarm.alarm_id ? alarm : one));
  return { ...page, items };
}

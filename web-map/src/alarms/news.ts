/** What is new in an answer, and what of it rings. Pure: asked with what was known, told what is known now. */
import type { Alarm } from '../api/alarms';

/** The numbers of alarms grow: those above `newest` were never told. */
export interface Known {
  newest: number;
  /** Levels of those told lately: an alarm may grow worse. */
  levels: ReadonlyMap<number, number>;
}

export interface News {
  known: Known;
  /** Severe ones that nobody has been told of, the newest first. */
  severe: Alarm[];
}

/**
 * `known` is null before the first answer: what is there then is old, whether somebody came or came back. An older alarm
 * that slides into the answer because a newer one was closed is no news either.
 */
export function newsIn(known: Known | null, pending: readonly Alarm[]): News {
  const levels = new Map(pending.map(({ alarm_id, level }) => [alarm_id, level]));
  const newest = pending.reduce((most, { alarm_id }) => Math.max(most, alarm_id), 0);
  const next = { newest: Math.max(newest, known?.newest ?? 0), levels };
  if (known === null) return { known: next, severe: [] };
  const isNews = ({ alarm_id, level }: Alarm) => {
    if (level !== 1) return false;
    const before = known.levels.get(alarm_id);
    return before === undefined ? alarm_id > known.newest : before !== 1;
  };
  // Somebody who has acknowledged it knows of it.
  const severe = pending.filter((alarm) => alarm.state === 'open' && isNews(alarm));
  return { known: next, severe };
}

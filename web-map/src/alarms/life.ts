/** The life of an alarm: which deed follows on which state. The server judges; here it only keeps from offering what it would refuse. */
import type { AlarmAct, AlarmState } from '../api/alarms';

interface Deed {
  act: AlarmAct;
  /** The key that does it. */
  key: string;
  follows: readonly AlarmState[];
  needs: 'nothing' | 'assignee' | 'note';
}

/** In the order in which they are offered. */
export const DEEDS: readonly Deed[] = [
  { act: 'acknowledge', key: 'A', follows: ['open'], needs: 'nothing' },
  {
    act: 'assign',
    key: 'S',
    follows: ['open', 'acknowledged', 'assigned', 'appealed'],
    needs: 'assignee',
  },
  {
    act: 'close',
    key: 'C',
    follows: ['open', 'acknowledged', 'assigned', 'appealed'],
    needs: 'note',
  },
  { act: 'appeal', key: 'P', follows: ['open', 'acknowledged', 'assigned'], needs: 'note' },
  { act: 'reopen', key: 'R', follows: ['closed'], needs: 'note' },
];

export const deedsOf = (state: AlarmState): Deed[] =>
  DEEDS.filter(({ follows }) => follows.includes(state));

export function deedOfKey(key: string, state: AlarmState): Deed | null {
  return deedsOf(state).find((deed) => deed.key === key.toUpperCase()) ?? null;
}

export const needOf = (act: AlarmAct): Deed['needs'] =>
  DEEDS.find((deed) => deed.act === act)?.needs ?? 'nothing';

/** What the list shows, as an address and back. What is at its default is left out. */
import { isOneOf } from '../alarms/seen';
import { COMMAND_STATES, type CommandQuery, type CommandState } from '../api/commands';

export const STATE_CHOICES = ['all', ...COMMAND_STATES] as const;

export interface CommandFilter {
  state: 'all' | CommandState;
  vehicle: number | null;
}

export const emptyFilter = (): CommandFilter => ({ state: 'all', vehicle: null });

export const isFiltered = ({ state, vehicle }: CommandFilter): boolean =>
  state !== 'all' || vehicle !== null;

export function encodeFilter({ state, vehicle }: CommandFilter): Record<string, string> {
  const query: Record<string, string> = {};
  if (state !== 'all') query.state = state;
  if (vehicle !== null) query.vehicle = String(vehicle);
  return query;
}

/** Anything may stand in an address: what cannot be read falls back to its default. */
export const decodeFilter = ({ state, vehicle }: Record<string, unknown>): CommandFilter => ({
  state: isOneOf(STATE_CHOICES, state) ? state : 'all',
  vehicle: numberIn(vehicle),
});

/** The command whose panel is open. */
export const openCommand = ({ command }: Record<string, unknown>): number | null =>
  numberIn(command);

export const questionOf = ({ state, vehicle }: CommandFilter): CommandQuery => ({
  ...(state === 'all' ? {} : { state }),
  ...(vehicle === null ? {} : { vehicle }),
});

function numberIn(text: unknown): number | null {
  if (typeof text !== 'string' || !/^[1-9]\d{0,15}$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

/** Which seals are listed, as an address and back. All but the withdrawn is the default, and left out. */
import { isOneOf } from '../alarms/seen';
import { SEAL_LISTS, type SealList } from '../api/seals';

export const LIST_CHOICES = ['all', ...SEAL_LISTS] as const;
export type ListChoice = 'all' | SealList;

/** Anything may stand in an address: what cannot be read falls back to the default. */
export const decodeChoice = ({ state }: Record<string, unknown>): ListChoice =>
  isOneOf(LIST_CHOICES, state) ? state : 'all';

export const encodeChoice = (choice: ListChoice): Record<string, string> =>
  choice === 'all' ? {} : { state: choice };

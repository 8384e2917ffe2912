/** Definitions of kinds. They change with a new version of the server only, so each is fetched once. */
import { getKind, type Kind } from '../api/modules';
import { type Resource, useResource } from '../ui/resource';

const known = new Map<string, Promise<Kind>>();

export function fetchKind(name: string): Promise<Kind> {
  const found = known.get(name);
  if (found) return found;
  const asked = getKind(name);
  known.set(name, asked);
  // What failed is asked for again.
  asked.catch(() => known.delete(name));
  return asked;
}

export const useKind = (name: () => string | null): Resource<Kind> =>
  useResource(name, (wanted) => fetchKind(wanted));

export function stateOf(kind: Kind, name: string) {
  return kind.states.find((state) => state.name === name) ?? null;
}

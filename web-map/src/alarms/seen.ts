/** Reading what a rule has seen: the evidence is the server's, and every rule has its own. */
export type Seen = Record<string, unknown>;

export function numberIn(seen: Seen, name: string): number | null {
  const value = seen[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export function isOneOf<const T extends string>(all: readonly T[], value: unknown): value is T {
  return all.some((one) => one === value);
}

/** A place in evidence. */
export function placeIn(value: unknown): [number, number] | null {
  const { lon, lat } = (value ?? {}) as Seen;
  return typeof lon === 'number' && typeof lat === 'number' ? [lon, lat] : null;
}

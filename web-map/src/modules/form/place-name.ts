import type { Feature } from '../../api';

/** Rooms of many buildings have the same number. */
export function nameWithin({ name, parents }: Feature): string {
  const building = parents.find(({ kind }) => kind === 'building');
  return building ? `${building.name} ${name}` : name;
}

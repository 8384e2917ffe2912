/** What is asked of vacant rooms, kept while the panel is closed: its answer stays on the map until it opens again. */
import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';
import type { VacantAnswer, VacantQuestion } from '../../api/space';
import { readDay } from '../../ui/read-day';

/** The list panel, as the address names it. */
export const VACANT_LIST = 'vacant';

export interface NamedId {
  id: number;
  name: string;
}

export interface VacantDraft {
  people: string;
  rank: string;
  org: NamedId | null;
  near: NamedId | null;
  radius: string;
  on: string;
}

export const RADII_M = [500, 1000, 2000, 5000] as const;

export const useVacant = defineStore('vacant', () => {
  const draft = ref<VacantDraft>({
    people: '10',
    rank: '',
    org: null,
    near: null,
    radius: '1000',
    on: '',
  });
  /** The question that `answer` is of. */
  const asked = shallowRef<VacantQuestion | null>(null);
  const answer = shallowRef<VacantAnswer | null>(null);
  return { draft, asked, answer };
});

/** Null without an organisation, or where the number of people or the day cannot be read. */
export function questionOf(draft: VacantDraft): VacantQuestion | null {
  const people = Number(draft.people.normalize('NFKC').trim());
  const on = draft.on.trim() ? readDay(draft.on) : undefined;
  if (!Number.isInteger(people) || people < 1 || people > 10_000 || on === null || !draft.org)
    return null;
  return {
    people,
    rank: draft.rank || undefined,
    org: draft.org.id,
    near: draft.near?.id,
    radius_m: draft.near ? Number(draft.radius) : undefined,
    on,
  };
}

/** Ranks of posts that have a limit of their own, by the level of the body, as the standards list them. */
import { computed } from 'vue';
import { listStandards, type StandardSet, type Term } from '../api/standards';
import { useResource } from '../ui/resource';

const PERSON_AREA = 'office.person_area';

export interface RankGroup {
  level: Term;
  ranks: Term[];
}

export function ranksOf(sets: readonly StandardSet[]): RankGroup[] {
  const groups = new Map<string, RankGroup>();
  const lines = sets.find(({ code }) => code === PERSON_AREA)?.items ?? [];
  for (const { level, rank, is_in_force } of lines) {
    if (!level || !rank || !is_in_force) continue;
    const group = groups.get(level.code) ?? { level, ranks: [] };
    if (!group.ranks.some(({ code }) => code === rank.code)) group.ranks.push(rank);
    groups.set(level.code, group);
  }
  return [...groups.values()];
}

export function useRanks() {
  const { data, problem, reload } = useResource(
    () => 'today',
    (_, signal) => listStandards(undefined, signal),
  );
  return { groups: computed(() => ranksOf(data.value ?? [])), problem, reload };
}

/** Which systems, modules and kinds of documents there are for this viewer, with their counts. */
import { defineStore } from 'pinia';
import { computed } from 'vue';
import { type BusinessModule, listSystems, type ModuleKind } from '../api/modules';
import { useResource } from '../ui/resource';
import { useSteady } from '../ui/use-steady';

export interface FoundKind {
  kind: ModuleKind;
  module: BusinessModule;
}

export const useModules = defineStore('modules', () => {
  const { data, loading, problem, reload } = useResource(
    () => 'modules',
    (_, signal) => listSystems(signal),
  );
  const systems = useSteady({ data, problem });
  const kinds = computed<FoundKind[]>(() =>
    (systems.value ?? []).flatMap(({ modules }) =>
      modules.flatMap((module) => module.kinds.map((kind) => ({ kind, module }))),
    ),
  );
  const find = (name: string): FoundKind | null =>
    kinds.value.find(({ kind }) => kind.kind === name) ?? null;

  return { systems, kinds, loading, problem, reload, find };
});

/** The organisations this viewer may see, for pickers and filters: fetched when first needed. */
import { defineStore } from 'pinia';
import { computed } from 'vue';
import { listOrgs } from '../api';
import { indented, orgOptions, orgTree } from '../identity/admin/org-tree';
import { useResource } from '../ui/resource';

export const useOrgs = defineStore('orgs', () => {
  const { data, problem, reload } = useResource(
    () => 'orgs',
    (_, signal) => listOrgs(signal),
  );
  const options = computed(() =>
    orgOptions(orgTree(data.value ?? [])).map((option) => ({
      id: option.org.org_id,
      name: option.org.name,
      text: indented(option),
    })),
  );
  const nameOfOrg = (id: number): string | null =>
    data.value?.find(({ org_id }) => org_id === id)?.name ?? null;

  return { options, nameOfOrg, problem, reload };
});

/** Organisations as a tree, and who belongs below one of them. */
import type { Org } from '../../api';

export interface OrgNode {
  org: Org;
  children: OrgNode[];
}

/** In the server's order. Whose parent is not among them stands at the top: a viewer may see a part only. */
export function orgTree(orgs: Org[]): OrgNode[] {
  const nodes = new Map(orgs.map((org) => [org.org_id, { org, children: [] as OrgNode[] }]));
  const tops: OrgNode[] = [];
  for (const node of nodes.values()) {
    const { parent_id, org_id } = node.org;
    const parent = parent_id === null || parent_id === org_id ? undefined : nodes.get(parent_id);
    if (parent) parent.children.push(node);
    else tops.push(node);
  }
  return tops;
}

/** The organisation and all below it. */
export function subtreeIds(orgs: Org[], top: number): Set<number> {
  const children = new Map<number, number[]>();
  for (const { org_id, parent_id } of orgs) {
    if (parent_id !== null) children.set(parent_id, [...(children.get(parent_id) ?? []), org_id]);
  }
  const found = new Set<number>();
  const open = [top];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    open.push(...(children.get(id) ?? []));
  }
  return found;
}

export interface OrgOption {
  org: Org;
  depth: number;
}

/** Depth first, for a list of choices. */
export function orgOptions(nodes: OrgNode[], depth = 0): OrgOption[] {
  return nodes.flatMap(({ org, children }) => [{ org, depth }, ...orgOptions(children, depth + 1)]);
}

/** What a list of choices shows: lists of the browser leave out ordinary spaces. */
export function indented({ org, depth }: OrgOption): string {
  return '\u3000'.repeat(depth) + org.name;
}

import { expect, test } from 'vitest';
import type { Org } from '../../api';
import { indented, orgOptions, orgTree, subtreeIds } from './org-tree';

const org = (org_id: number, parent_id: number | null): Org => ({
  org_id,
  parent_id,
  code: `U${org_id}`,
  name: `机构${org_id}`,
  level: 1,
  color: '#888888',
});
const ORGS = [org(1, null), org(10, 1), org(11, 1), org(101, 10)];

test('children stand below their parents, in the order of the server', () => {
  expect(orgOptions(orgTree(ORGS)).map(indented)).toEqual([
    '机构1',
    '\u3000机构10',
    '\u3000\u3000机构101',
    '\u3000机构11',
  ]);
});

test('whose parent is out of sight stands at the top', () => {
  const tops = orgTree(ORGS.slice(1)).map((node) => node.org.org_id);
  expect(tops).toEqual([10, 11]);
});

test('a subtree holds its top and all below, whatever the order', () => {
  expect([...subtreeIds([...ORGS].reverse(), 10)].sort()).toEqual([10, 101]);
});

test('a circle of parents ends', () => {
  const circle = [org(1, 2), org(2, 1), org(3, 3)];
  expect([...subtreeIds(circle, 1)].sort()).toEqual([1, 2]);
  expect(orgTree(circle).map((node) => node.org.org_id)).toEqual([3]);
});

import { expect, test } from 'vitest';
import type { Layer } from '../api';
import { groupLayers, groupState } from './groups';

const layer = (layer_id: string, group: string) =>
  ({ layer_id, group: { id: group, title: { zh: group, en: group } } }) as Layer;
const drawn = [layer('water', 'base'), layer('roads', 'base'), layer('rooms', 'space')];

test('what is drawn last stands first', () => {
  const groups = groupLayers(drawn).map(({ id, layers }) => [id, layers.map((l) => l.layer_id)]);
  expect(groups).toEqual([
    ['space', ['rooms']],
    ['base', ['roads', 'water']],
  ]);
});

test('a group is all, some or none of its layers', () => {
  const base = groupLayers(drawn)[1];
  if (!base) throw new Error('the group is missing');
  expect(groupState(base, () => true)).toBe('all');
  expect(groupState(base, (id) => id === 'water')).toBe('some');
  expect(groupState(base, () => false)).toBe('none');
});

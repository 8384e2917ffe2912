import { expect, test } from 'vitest';
import { merged, type Page, put } from './newest-first';

interface Item {
  id: number;
  is?: string;
}

const idOf = ({ id }: Item) => id;
const page = (ids: number[], next: number | null): Page<Item> => ({
  items: ids.map((id) => ({ id })),
  next,
});
const ids = ({ items }: Page<Item>) => items.map(idOf);

test('what is older than the first page stays where somebody has scrolled to it', () => {
  const now = merged(page([9, 8, 7, 6, 5], 5), page([11, 9, 8], 8), idOf);
  expect([ids(now), now.next]).toEqual([[11, 9, 8, 7, 6, 5], 5]);
});

test('a first page that holds all is all', () => {
  const now = merged(page([9, 8, 7], 7), page([9], null), idOf);
  expect([ids(now), now.next]).toEqual([[9], null]);
});

test('where more came than a page holds, the list begins again without a hole', () => {
  const now = merged(page([9, 8, 7], 7), page([20, 19, 18], 18), idOf);
  expect([ids(now), now.next]).toEqual([[20, 19, 18], 18]);
});

test('what was acted on stays in its row', () => {
  const now = put(page([9, 8, 7], null), { id: 8, is: 'closed' }, idOf);
  expect(now.items.map(({ is }) => is)).toEqual([undefined, 'closed', undefined]);
});

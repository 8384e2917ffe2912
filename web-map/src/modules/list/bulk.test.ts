import { expect, test } from 'vitest';
import type { Document } from '../../api/documents';
import { bulkActions } from './bulk';

const title = { zh: '受理', en: 'Accept' };
const document = (doc_id: number, ...names: string[]) =>
  ({ doc_id, actions: names.map((name) => ({ name, title })) }) as unknown as Document;

test('an action is offered for those that allow it', () => {
  const actions = bulkActions([document(1, 'accept', 'close'), document(2, 'accept'), document(3)]);
  expect(actions.map(({ name, documents }) => [name, documents.length])).toEqual([
    ['accept', 2],
    ['close', 1],
  ]);
});

test('a whole form is for one document', () => {
  expect(bulkActions([document(1, 'edit', 'discard')]).map(({ name }) => name)).toEqual([
    'discard',
  ]);
});

test('what asks for approvers is not done to several at once', () => {
  const submit = { doc_id: 1, actions: [{ name: 'submit', title, plan: 'review' }] };
  const plan = (chosen: boolean) => ({
    name: 'review',
    title,
    steps: [{ name: 'head', title, mode: 'any' as const, chosen }],
  });
  const documents = [submit as unknown as Document];
  expect(bulkActions(documents, [plan(true)])).toEqual([]);
  expect(bulkActions(documents, [plan(false)])).toHaveLength(1);
});

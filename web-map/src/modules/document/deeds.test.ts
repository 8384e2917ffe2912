import { expect, test } from 'vitest';
import type { Approval } from '../../api/documents';
import { deedOf, offeredDeeds } from './deeds';

const person = (user_id: number) => ({ user_id, name: `某${user_id}` });
const task = (task_id: number, added = false) => ({
  task_id,
  owner: person(task_id),
  holder: person(task_id),
  state: 'open' as const,
  added,
});

const approval = (more: Partial<Approval> = {}): Approval => ({
  approval_id: 1,
  plan: 'review',
  title: { zh: '审批', en: 'Review' },
  state: 'running',
  at: 0,
  steps: [
    {
      name: 'check',
      title: { zh: '初审', en: 'Check' },
      mode: 'all',
      state: 'current',
      tasks: [task(1)],
    },
  ],
  my_tasks: [],
  may_withdraw: false,
  deeds: [],
  ...more,
});

const names = (of: Approval, mayName = false) => {
  const { main, more } = offeredDeeds(of, { mayName });
  return [...main, ...more].map(({ deed }) => deed);
};

test('who has no task is offered nothing, who asked may withdraw', () => {
  expect(names(approval())).toEqual([]);
  expect(names(approval({ may_withdraw: true }))).toEqual(['copy', 'withdraw']);
});

test('where a step has found nobody, whoever manages accounts names somebody', () => {
  expect(names(approval({ state: 'waiting' }))).toEqual([]);
  expect(names(approval({ state: 'waiting' }), true)).toEqual(['name']);
});

test('a task of the first step cannot be returned to an earlier one', () => {
  const mine = { my_tasks: [{ task_id: 1, delegated: false, writes: [] }] };
  expect(names(approval(mine))).not.toContain('return');
  expect(names(approval({ ...mine, at: 1 }))).toContain('return');
});

test('who was added can be taken out again', () => {
  const mine = { my_tasks: [{ task_id: 1, delegated: false, writes: [] }] };
  const [step] = approval().steps;
  expect(names(approval(mine))).not.toContain('remove');
  const steps = step ? [{ ...step, tasks: [task(1), task(2, true)] }] : [];
  expect(names(approval({ ...mine, steps }))).toContain('remove');
});

test('a task taken over for another is only decided', () => {
  const mine = { my_tasks: [{ task_id: 1, delegated: true, writes: [] }] };
  expect(names(approval(mine))).toEqual(['agree', 'refuse', 'copy']);
});

test('an approval that is over offers nothing', () => {
  expect(names(approval({ state: 'passed', may_withdraw: true }))).toEqual([]);
});

test('a deed says whom and what it is about, or is not complete', () => {
  const mine = { task_id: 7, delegated: false, writes: [] };
  const none = { comment: '', people: [], added: null, step: null, patch: {} };
  expect(deedOf('agree', mine, none)).toEqual({ deed: 'agree', task: 7 });
  expect(deedOf('transfer', mine, none)).toBeNull();
  expect(deedOf('transfer', mine, { ...none, people: [3] })).toMatchObject({ to: 3 });
  expect(deedOf('return', mine, { ...none, step: 0 })).toMatchObject({ to: 0 });
  expect(deedOf('add', mine, { ...none, people: [3, 4] })).toMatchObject({ people: [3, 4] });
  expect(deedOf('withdraw', null, { ...none, comment: '重报' })).toEqual({
    deed: 'withdraw',
    comment: '重报',
  });
});

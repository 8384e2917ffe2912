/** Which deeds an approval offers this reader, and what each of them asks for. Pure; the server has the rules. */
import type { Approval, ApprovalTask } from '../../api/documents';
import type { Deed, DeedName } from '../../api/tasks';

export type MyTask = Approval['my_tasks'][number];

export interface Offer {
  deed: DeedName;
  task: MyTask | null;
}

/** What a deed asks for beside a comment. */
export type Asks = 'nothing' | 'person' | 'people' | 'added' | 'step';

export const ASKS: Record<DeedName, Asks> = {
  agree: 'nothing',
  refuse: 'nothing',
  transfer: 'person',
  delegate: 'person',
  add: 'people',
  remove: 'added',
  return: 'step',
  withdraw: 'nothing',
  copy: 'people',
  name: 'people',
};

export interface Reader {
  /** Whoever manages accounts names approvers where a step has found none. */
  mayName: boolean;
}

export function offeredDeeds(
  approval: Approval,
  { mayName }: Reader,
): { main: Offer[]; more: Offer[] } {
  const isOver = approval.state !== 'running' && approval.state !== 'waiting';
  if (isOver) return { main: [], more: [] };
  const task = approval.my_tasks[0] ?? null;
  const main: Offer[] = [];
  const more: Offer[] = [];
  if (approval.state === 'waiting' && mayName) main.push({ deed: 'name', task });
  if (task) {
    main.push({ deed: 'agree', task }, { deed: 'refuse', task });
    // Who decides for another gives the decision back, and nothing more.
    const also: DeedName[] = task.delegated ? [] : ['transfer', 'delegate', 'add'];
    if (!task.delegated && addedTasks(approval).length > 0) also.push('remove');
    if (!task.delegated && approval.at > 0) also.push('return');
    also.push('copy');
    more.push(...also.map((deed) => ({ deed, task })));
  }
  if (approval.may_withdraw) {
    if (!task) more.push({ deed: 'copy', task: null });
    more.push({ deed: 'withdraw', task: null });
  }
  return { main, more };
}

/** Those added to the current step who have not decided yet. */
export function addedTasks({ steps, at }: Approval): ApprovalTask[] {
  return (steps[at]?.tasks ?? []).filter(
    ({ added, state }) => added && (state === 'open' || state === 'waiting'),
  );
}

export interface Answers {
  comment: string;
  people: number[];
  added: number | null;
  step: number | null;
  patch: Record<string, unknown>;
}

/** Null while something is missing. */
export function deedOf(name: DeedName, task: MyTask | null, answers: Answers): Deed | null {
  const { comment, people, added, step, patch } = answers;
  const deed: Deed = { deed: name };
  if (task) deed.task = task.task_id;
  if (comment) deed.comment = comment;
  if (Object.keys(patch).length > 0) deed.patch = patch;
  switch (ASKS[name]) {
    case 'person':
      return people[0] === undefined ? null : { ...deed, to: people[0] };
    case 'people':
      return people.length === 0 ? null : { ...deed, people };
    case 'added':
      return added === null ? null : { ...deed, removed: added };
    case 'step':
      return step === null ? null : { ...deed, to: step };
    default:
      return deed;
  }
}

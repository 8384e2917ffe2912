/** What waits for somebody's decision (待办), and the deeds that answer it. */
import { call } from './client';
import type { DocId, Document, Person, TaskState } from './documents';
import type { Bilingual } from './types';

export const TASK_LISTS = ['open', 'done', 'mine', 'copies'] as const;
export type TaskListName = (typeof TASK_LISTS)[number];

export interface Task {
  approval_id: number;
  task_id: number | null;
  doc_id: DocId;
  kind: string;
  kind_title: Bilingual;
  title: string;
  number: string | null;
  step_title: Bilingual | null;
  applicant: Person | null;
  opened_at: string | null;
  due_at?: string | null;
  is_overdue: boolean;
  state: TaskState | string;
}

export interface TaskList {
  total: number;
  overdue: number;
  items: Task[];
}

export const listTasks = (
  query: { state: TaskListName; limit?: number },
  signal?: AbortSignal,
): Promise<TaskList> => call('/tasks', { query, signal });

export type DeedName =
  | 'agree'
  | 'refuse'
  | 'transfer'
  | 'delegate'
  | 'add'
  | 'remove'
  | 'return'
  | 'withdraw'
  | 'copy'
  | 'name';

export interface Deed {
  deed: DeedName;
  task?: number;
  /** Whom to transfer or delegate to; for a return, the number of the step. */
  to?: number;
  people?: number[];
  removed?: number;
  comment?: string;
  patch?: Record<string, unknown>;
}

export const doDeed = (approvalId: number, body: Deed): Promise<Document> =>
  call(`/tasks/${approvalId}/deeds`, { method: 'POST', body });

export interface BulkDeedResult {
  done: number;
  failed: {
    approval_id: number;
    task_id: number;
    problem: { title: Bilingual; detail: Bilingual };
  }[];
}

export const doDeeds = (
  items: { approval_id: number; task_id: number }[],
  deed: 'agree' | 'refuse',
  comment?: string,
): Promise<BulkDeedResult> =>
  call('/tasks/deeds', {
    method: 'POST',
    body: comment ? { items, deed, comment } : { items, deed },
    timeoutMs: 60_000,
  });

export interface PersonHit extends Person {
  org: string | { name: string } | null;
}

export const listPeople = async (
  q: string,
  limit: number,
  signal?: AbortSignal,
): Promise<PersonHit[]> =>
  (await call<{ items: PersonHit[] }>('/people', { query: { q, limit }, signal })).items;

/** Documents of the business modules: what happened, in which state it is, and who may do what with it. */
import { call, queryString } from './client';
import { follow, type Progress } from './follow';
import type { Field, Phase, StepMode, Tone } from './modules';
import type { Bilingual } from './types';
import { upload } from './upload';

/** A number; demo and older servers may send it as text. */
export type DocId = number | string;

export interface DocumentLink {
  feature_id: number;
  kind: string;
  name: string;
}

export interface DocumentEvent {
  seq: number;
  action: string;
  title: Bilingual;
  actor: string | null;
  at: string;
  note: string | null;
  changes?: { field: string; title: Bilingual; from: unknown; to: unknown }[];
}

export interface DocumentAction {
  name: string;
  title: Bilingual;
  patch?: Field[];
  note?: string | null;
  plan?: string | null;
  tone?: 'primary' | 'plain' | 'danger';
}

export interface Related {
  doc_id: DocId;
  kind: string;
  kind_title: Bilingual;
  number: string | null;
  title: string;
  state_title: Bilingual;
  field: string;
}

/** Names for the ids in a body and its lines. */
export interface Refs {
  orgs: Record<string, string>;
  people: Record<string, string>;
  features: Record<string, string>;
  documents: Record<string, string>;
  /** By login: who made it, acted on it, wrote to it or attached to it. */
  accounts: Record<string, string>;
}

/** A standard that judged the document, and what it found. */
export interface Decision {
  code: string;
  title: Bilingual;
  limit: string | number | null;
  unit: Bilingual;
  document: string;
  clause: string;
  /** Null: nobody has written down since when. */
  valid_from: string | null;
  is_enforced: boolean;
  found: Bilingual;
}

export interface DocumentComment {
  comment_id: number;
  actor: string | null;
  at: string;
  text: string;
}

export interface Attachment {
  sha256: string;
  name: string;
  bytes: number;
  media_type: string;
  actor?: string | null;
  at?: string;
}

export interface Person {
  user_id: number;
  name: string;
}

export type TaskState = 'waiting' | 'open' | 'agreed' | 'refused' | 'dropped' | 'repeated';

export interface ApprovalTask {
  task_id: number;
  owner: Person;
  holder: Person;
  state: TaskState;
  added: boolean;
  comment?: string | null;
}

export interface ApprovalStep {
  name: string;
  title: Bilingual;
  mode: StepMode;
  state: 'done' | 'current' | 'todo';
  due_at?: string | null;
  tasks: ApprovalTask[];
}

export type ApprovalState = 'running' | 'waiting' | 'passed' | 'refused' | 'withdrawn';

export interface Approval {
  approval_id: number;
  plan: string;
  title: Bilingual;
  state: ApprovalState;
  at: number;
  steps: ApprovalStep[];
  my_tasks: { task_id: number; delegated: boolean; writes: Field[] }[];
  may_withdraw: boolean;
  deeds: {
    at: string;
    who: Person | null;
    deed: string;
    title: Bilingual;
    comment?: string | null;
  }[];
}

export type Line = Record<string, unknown>;

export interface Document {
  doc_id: DocId;
  kind: string;
  kind_title?: Bilingual;
  module?: string;
  title: string;
  state: string;
  state_title: Bilingual;
  phase?: Phase;
  tone?: Tone;
  /** Null while it is a draft. */
  number: string | null;
  revision: number;
  body: Record<string, unknown>;
  lines?: Line[];
  created_at: string;
  updated_at: string;
  /** A login, as every `actor` is. */
  created_by?: string | null;
  actions: DocumentAction[];
  links: DocumentLink[];
  related?: Related[];
  refs?: Partial<Refs>;
  decisions?: Decision[];
  events?: DocumentEvent[];
  comments?: DocumentComment[];
  attachments?: Attachment[];
  approval?: Approval | null;
}

export interface DocumentPage {
  total: number;
  items: Document[];
  next?: string | null;
}

export type FilterOp = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge' | 'in' | 'contains';

export interface FilterTerm {
  field: string;
  op: FilterOp;
  value: unknown;
}

export interface DocumentQuery {
  kind?: string;
  state?: string | undefined;
  phase?: string | undefined;
  feature?: number | undefined;
  q?: string | undefined;
  filter?: FilterTerm[];
  sort?: string | undefined;
  limit?: number;
  after?: string | undefined;
}

export interface NewDocument {
  kind: string;
  title?: string;
  body: Record<string, unknown>;
  lines?: Line[];
  feature_ids: number[];
}

export interface RecordCount {
  kind: string;
  title: Bilingual;
  total: number;
  open: number;
}

export interface Records {
  counts: RecordCount[];
  items: Document[];
}

const parameters = ({ filter, ...query }: DocumentQuery) => ({
  ...query,
  filter: filter && filter.length > 0 ? JSON.stringify(filter) : undefined,
});

export const listDocuments = (query: DocumentQuery, signal?: AbortSignal): Promise<DocumentPage> =>
  call('/documents', { query: parameters(query), signal });

export const listRecords = (id: number, signal?: AbortSignal): Promise<Records> =>
  call(`/features/${id}/records`, { signal });

export const getDocument = (id: DocId, signal?: AbortSignal): Promise<Document> =>
  call(`/documents/${id}`, { signal });

export const createDocument = (body: NewDocument): Promise<Document> =>
  call('/documents', { method: 'POST', body });

export interface Act {
  revision: number;
  patch?: Record<string, unknown>;
  comment?: string;
  /** Who approves the steps that leave it open. */
  choose?: Record<string, number[]>;
}

export const actOnDocument = (id: DocId, action: string, body: Act): Promise<Document> =>
  call(`/documents/${id}/actions/${action}`, { method: 'POST', body });

export interface BulkResult {
  done: DocId[];
  failed: { doc_id: DocId; problem: { title: Bilingual; detail: Bilingual } }[];
}

export const actOnDocuments = (
  action: string,
  items: { doc_id: DocId; revision: number }[],
  patch: Record<string, unknown>,
): Promise<BulkResult> =>
  call(`/documents/actions/${action}`, {
    method: 'POST',
    body: Object.keys(patch).length > 0 ? { items, patch } : { items },
    timeoutMs: 60_000,
  });

export const commentOnDocument = (id: DocId, text: string): Promise<{ comment_id: number }> =>
  call(`/documents/${id}/comments`, { method: 'POST', body: { text } });

/** `onProgress` hears the part that is on the server already, from 0 to 1. */
export const attachToDocument = (
  id: DocId,
  file: File,
  onProgress: (part: number) => void,
  signal?: AbortSignal,
): Promise<Attachment> =>
  upload(`/api/v1/documents/${id}/attachments`, { name: file.name }, file, onProgress, signal);

export const attachmentPath = (id: DocId, sha256: string): string =>
  `/api/v1/documents/${id}/attachments/${sha256}`;

export const documentsExportPath = (query: DocumentQuery & { lang: string }): string => {
  const { lang, ...rest } = query;
  return `/api/v1/documents/export${queryString({ ...parameters(rest), lang })}`;
};

export const documentsTemplatePath = (kind: string, lang: string): string =>
  `/api/v1/documents/template${queryString({ kind, lang })}`;

export interface ImportReport {
  rows: number;
  good: number;
  bad: number;
  created: number;
  problems: { row: number; column: string | null; value: unknown; message: Bilingual }[];
  /** Where the bad rows are, to be corrected. */
  report: string | null;
}

/** Whether an import is only tried or its good rows are written. */
export type ImportMode = 'try' | 'write';

/** All or nothing: aborting it takes back what is done. `language` is the one of the report. */
export const importDocuments = (
  kind: string,
  file: File,
  { mode, language }: { mode: ImportMode; language: string },
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<ImportReport> =>
  follow(
    '/api/v1/documents/import',
    { kind, dry_run: String(mode === 'try'), lang: language },
    file,
    onProgress,
    signal,
  );

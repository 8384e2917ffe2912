/** The audit log: who did what, in a chain of hashes. */
import { call, queryString } from './client';
import type { Bilingual } from './types';

export type Outcome = 'ok' | 'refused' | 'failed';

export interface AuditEntry {
  audit_id: number;
  at: string;
  actor: string | null;
  action: string;
  title: Bilingual;
  target: string | null;
  outcome: Outcome;
  address: string | null;
  detail: Record<string, unknown> | null;
}

export interface AuditPage {
  items: AuditEntry[];
  /** Ask for what came before this; null when that was all. */
  next_before: number | null;
  actions: { name: string; title: Bilingual }[];
}

export interface Verdict {
  checked: number;
  fault: { audit_id: number; reason: Bilingual } | null;
  head: string;
}

export const listAudit = (
  query: {
    action?: string | undefined;
    actor?: string | undefined;
    before?: number | undefined;
    limit?: number;
  },
  signal?: AbortSignal,
): Promise<AuditPage> => call('/audit', { query, signal });

/** All that matches, as a file for spreadsheets. */
export const auditExportPath = (query: {
  action?: string;
  actor?: string;
  lang?: string;
}): string => `/api/v1/audit/export${queryString(query)}`;

/** Reads the whole log: that takes longer than other calls. */
export const verifyAudit = (): Promise<Verdict> =>
  call('/audit/verify', { method: 'POST', timeoutMs: 300_000 });

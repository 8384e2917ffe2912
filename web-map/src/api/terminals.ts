/** Terminals of vehicles and the credentials they connect with. */
import { call } from './client';
import type { OrgBrief } from './session';

export interface Terminal {
  terminal_id: string;
  vehicle_id: number | null;
  plate: string | null;
  org: OrgBrief | null;
  issued_at: string | null;
}

export interface TerminalList {
  total: number;
  items: Terminal[];
}

export const listTerminals = (
  query: { q?: string | undefined; limit?: number },
  signal?: AbortSignal,
): Promise<TerminalList> => call('/terminals', { query, signal });

export const issueCredential = (id: string): Promise<{ terminal_id: string; secret: string }> =>
  call(credential(id), { method: 'POST' });

export const revokeCredential = (id: string): Promise<void> =>
  call(credential(id), { method: 'DELETE' });

/** A terminal's name is whatever its maker chose. */
function credential(id: string): string {
  return `/terminals/${encodeURIComponent(id)}/credential`;
}

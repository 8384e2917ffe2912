/** Signing in, being somebody, signing out. */
import { call } from './client';
import type { Bilingual } from './types';

export const PERMISSIONS = [
  'read',
  'track',
  'record',
  'edit',
  'export',
  'unmask',
  'command',
  'manage_users',
  'manage_rights',
  'manage_terminals',
  'read_audit',
  'import',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export interface OrgBrief {
  org_id: number;
  name: string;
}

export interface HeldRole {
  role_id: string;
  title: Bilingual;
  /** Null: everywhere. */
  org: OrgBrief | null;
  clearance: number;
}

export interface Session {
  user: { user_id: number; login: string; name: string; org: OrgBrief | null };
  roles: HeldRole[];
  permissions: Permission[];
  must_change_password: boolean;
  has_second_factor: boolean;
  expires_at: string;
}

export interface DemoAccount {
  login: string;
  name: string;
  roles: Bilingual[];
}

export interface SignInOptions {
  demo_accounts: DemoAccount[];
  demo_password: string | null;
  notice: Bilingual | null;
}

export interface Credentials {
  login: string;
  password: string;
  code?: string;
}

export const getSignInOptions = (signal?: AbortSignal): Promise<SignInOptions> =>
  call('/session/options', { signal });

export const getSession = (signal?: AbortSignal): Promise<Session> => call('/session', { signal });

export const createSession = (body: Credentials): Promise<Session> =>
  call('/session', { method: 'POST', body });

export const deleteSession = (): Promise<void> => call('/session', { method: 'DELETE' });

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
  'manage_standards',
  'manage_icons',
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

/** What says who somebody is. */
export type Personal = 'plate' | 'phone' | 'name';

export interface Session {
  user: { user_id: number; login: string; name: string; org: OrgBrief | null };
  roles: HeldRole[];
  permissions: Permission[];
  must_change_password: boolean;
  has_second_factor: boolean;
  expires_at: string;
  /** What this person reads masked now. */
  masked: Personal[];
  /** Until when the masks are lifted; null while they are not. */
  unmasked_until: string | null;
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
  /** Another place to sign in at, where one is set up. */
  oidc?: { title: Bilingual } | null;
}

/** Not fetched: the browser goes there, and comes back signed in or with `?fault=`. */
export const OIDC_PATH = '/api/v1/session/oidc';

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

/** Lifts the masks for a while; the reason is written into the audit log. */
export const unmask = (reason: string): Promise<{ unmasked_until: string }> =>
  call('/session/unmask', { method: 'POST', body: { reason } });

export const maskAgain = (): Promise<void> => call('/session/unmask', { method: 'DELETE' });

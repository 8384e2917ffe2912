/** Accounts and what is granted to them. */
import { call } from './client';
import type { HeldRole, OrgBrief, Permission } from './session';
import type { Bilingual } from './types';

export interface Grant extends HeldRole {
  grant_id: number;
}

export interface User {
  user_id: number;
  login: string;
  name: string;
  org: OrgBrief | null;
  is_disabled: boolean;
  is_locked: boolean;
  must_change_password: boolean;
  has_second_factor: boolean;
  last_seen_at: string | null;
  grants: Grant[];
}

export interface UserList {
  total: number;
  items: User[];
}

export interface NewUser {
  login: string;
  name: string;
  org_id: number | null;
}

/** Which of the three administrators (三员) a role makes; nobody holds two. */
export type Duty = 'system' | 'security' | 'audit';

export interface Role {
  role_id: string;
  title: Bilingual;
  duty: Duty | null;
  permissions: Permission[];
}

export interface RoleBook {
  items: Role[];
  permissions: { name: Permission; title: Bilingual }[];
  clearances: { value: number; title: Bilingual }[];
}

export interface NewGrant {
  role_id: string;
  org_id: number | null;
  clearance: number;
}

export const listUsers = (
  query: { q?: string | undefined; limit?: number },
  signal?: AbortSignal,
): Promise<UserList> => call('/users', { query, signal });

export const createUser = (body: NewUser): Promise<{ user_id: number; first_password: string }> =>
  call('/users', { method: 'POST', body });

export const disableUser = (id: number): Promise<void> => act(id, 'disable');

export const enableUser = (id: number): Promise<void> => act(id, 'enable');

export const signUserOut = (id: number): Promise<void> => act(id, 'sign-out');

export const resetPassword = (id: number): Promise<{ first_password: string }> =>
  act(id, 'reset-password');

export const createGrant = (user: number, body: NewGrant): Promise<{ grant_id: number }> =>
  call(`/users/${user}/grants`, { method: 'POST', body });

export const deleteGrant = (id: number): Promise<void> =>
  call(`/grants/${id}`, { method: 'DELETE' });

export const listRoles = (signal?: AbortSignal): Promise<RoleBook> => call('/roles', { signal });

function act<T>(id: number, action: string): Promise<T> {
  return call(`/users/${id}/${action}`, { method: 'POST' });
}

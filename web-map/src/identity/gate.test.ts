import { expect, test } from 'vitest';
import type { Permission } from '../api/session';
import { type Asked, gate, homeOf, type Visitor } from './gate';
import type { SessionState } from './session';

const page = (path: string, meta: Asked['meta'] = {}, query: Record<string, unknown> = {}) => {
  const text = new URLSearchParams(query as Record<string, string>).toString();
  return { path, fullPath: text ? `${path}?${text}` : path, query, meta };
};
const visitor = (state: SessionState, ...held: Permission[]): Visitor => ({
  state,
  may: (...anyOf) => anyOf.some((one) => held.includes(one)),
});

const MAP = page('/', { needs: ['read'] });
const AUDIT = page('/admin/audit', { needs: ['read_audit'] });
const DOOR = page('/sign-in', { isPublic: true });

test('while nobody knows who asks, only the door opens', () => {
  expect(gate(MAP, visitor('unknown'))).toBe(false);
  expect(gate(DOOR, visitor('unknown'))).toBe(true);
});

test('who is not signed in goes to the door, and the address is kept', () => {
  expect(gate(DOOR, visitor('signed-out'))).toBe(true);
  expect(gate(MAP, visitor('signed-out'))).toBe('/sign-in');
  expect(gate(page('/', MAP.meta, { at: 'room:7' }), visitor('signed-out'))).toBe(
    '/sign-in?to=%2F%3Fat%3Droom%253A7',
  );
});

test('who is signed in has no business at the door', () => {
  const back = page('/sign-in', DOOR.meta, { to: '/admin/audit' });
  expect(gate(back, visitor('signed-in', 'read'))).toBe('/admin/audit');
  const foreign = page('/sign-in', DOOR.meta, { to: '//elsewhere.example' });
  expect(gate(foreign, visitor('signed-in', 'read'))).toBe('/');
});

test('a page opens to whoever holds one of its permissions', () => {
  const users = page('/admin/users', { needs: ['manage_users', 'manage_rights'] });
  expect(gate(users, visitor('signed-in', 'manage_rights'))).toBe(true);
  expect(gate(users, visitor('signed-in', 'read'))).toBe('/refused');
  expect(gate(page('/account'), visitor('signed-in'))).toBe(true);
});

test('administrators without a map start at their desk', () => {
  expect(gate(MAP, visitor('signed-in', 'read_audit'))).toBe('/admin/audit');
  expect(gate(MAP, visitor('signed-in', 'manage_rights'))).toBe('/admin/users');
  expect(gate(MAP, visitor('signed-in', 'manage_terminals'))).toBe('/admin/terminals');
  expect(homeOf(visitor('signed-in'))).toBe('/account');
});

test('a first password is changed before anything else, and then one goes on', () => {
  const fresh = visitor('password-change', 'read', 'read_audit');
  expect(gate(MAP, fresh)).toBe('/account/password');
  expect(gate(AUDIT, fresh)).toBe('/account/password?to=%2Fadmin%2Faudit');
  expect(gate(page('/sign-in', DOOR.meta, { to: '/account' }), fresh)).toBe(
    '/account/password?to=%2Faccount',
  );
  expect(gate(page('/account/password'), fresh)).toBe(true);
});

import { expect, test } from 'vitest';
import type { Duty, Role, User } from '../../api/users';
import { roleChoices, stateOf } from './grant-rules';

const role = (role_id: string, duty: Duty | null): Role => ({
  role_id,
  duty,
  title: { zh: role_id, en: role_id },
  permissions: [],
});
const ROLES = [
  role('system-admin', 'system'),
  role('security-admin', 'security'),
  role('auditor', 'audit'),
  role('reader', null),
];
const user = (...roles: string[]): User => ({
  user_id: 1,
  login: 'a',
  name: 'A',
  org: null,
  is_disabled: false,
  is_locked: false,
  must_change_password: false,
  has_second_factor: false,
  last_seen_at: null,
  grants: roles.map((role_id, grant_id) => ({
    grant_id,
    role_id,
    title: { zh: role_id, en: role_id },
    org: null,
    clearance: 0,
  })),
});
const offered = (one: User) =>
  roleChoices(one, ROLES)
    .filter(({ isApart }) => !isApart)
    .map((choice) => choice.role.role_id);

test('nobody is offered the role of a second administrator', () => {
  expect(offered(user('auditor'))).toEqual(['auditor', 'reader']);
  expect(offered(user('reader', 'system-admin'))).toEqual(['system-admin', 'reader']);
});

test('who is no administrator may become any one', () => {
  expect(offered(user('reader'))).toHaveLength(4);
  expect(offered(user())).toHaveLength(4);
});

test('the weightiest state of an account is the one told', () => {
  expect(stateOf({ ...user(), is_disabled: true, is_locked: true })).toBe('disabled');
  expect(stateOf({ ...user(), is_locked: true, must_change_password: true })).toBe('locked');
  expect(stateOf({ ...user(), must_change_password: true })).toBe('first');
  expect(stateOf(user())).toBe('ok');
});

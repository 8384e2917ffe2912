import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiProblem } from '../api';
import type { Session } from '../api/session';
import { useSession } from './session';

const SESSION: Session = {
  user: { user_id: 1, login: 'county', name: '示例区县主管', org: null },
  roles: [],
  permissions: ['read', 'record'],
  must_change_password: false,
  has_second_factor: false,
  expires_at: '2026-11-24T10:00:00Z',
  masked: ['phone'],
  unmasked_until: null,
};

const answers = (status: number, body?: object) =>
  vi.stubGlobal(
    'fetch',
    vi.fn(async () => new Response(body ? JSON.stringify(body) : null, { status })),
  );

beforeEach(() => setActivePinia(createPinia()));
afterEach(() => void vi.unstubAllGlobals());

test('before the server has answered nobody is known and nothing is allowed', () => {
  const session = useSession();
  expect(session.state).toBe('unknown');
  expect(session.may('read')).toBe(false);
});

test('a session says who it is and what is allowed', async () => {
  answers(200, SESSION);
  const session = useSession();
  expect(await session.load()).toBe('signed-in');
  expect(session.user?.login).toBe('county');
  expect(session.may('record')).toBe(true);
  expect(session.may('track')).toBe(false);
  expect(session.may('track', 'read')).toBe(true);
});

test('a 401 is an answer: signed out, and nothing of the former is left', async () => {
  answers(200, SESSION);
  const session = useSession();
  await session.load();
  answers(401, { code: 'not-signed-in' });
  expect(await session.load()).toBe('signed-out');
  expect(session.user).toBeNull();
  expect(session.may('read')).toBe(false);
});

test('a silent server changes nothing', async () => {
  answers(200, SESSION);
  const session = useSession();
  await session.load();
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
  expect(await session.load()).toBe('signed-in');
  expect(session.problem?.code).toBe('unreachable');
});

test('a first password is a state of its own', async () => {
  answers(200, { ...SESSION, must_change_password: true });
  const session = useSession();
  await session.signIn({ login: 'county', password: 'first' });
  expect(session.state).toBe('password-change');
});

test('a refused sign-in says why and how long to wait', async () => {
  answers(429, { code: 'locked-out', status: 429, retry_after_s: 30, title: {}, detail: {} });
  const session = useSession();
  const refusal = await session.signIn({ login: 'a', password: 'b' }).catch((cause) => cause);
  expect(refusal).toBeInstanceOf(ApiProblem);
  expect(refusal).toMatchObject({ code: 'locked-out', retryAfterS: 30 });
  expect(session.state).toBe('unknown');
});

test('signing out of a session that is over already succeeds', async () => {
  answers(200, SESSION);
  const session = useSession();
  await session.load();
  answers(401, { code: 'not-signed-in' });
  await session.signOut();
  expect(session.state).toBe('signed-out');
});

test('rights differ when a role or a permission does, not when a session is renewed', async () => {
  answers(200, SESSION);
  const session = useSession();
  await session.load();
  const before = session.rights;
  answers(200, { ...SESSION, expires_at: '2026-11-25T10:00:00Z' });
  await session.load();
  expect(session.rights).toBe(before);
  answers(200, { ...SESSION, permissions: ['read'] });
  await session.load();
  expect(session.rights).not.toBe(before);
});

test('lifting the masks is a change of rights, and so is putting them back', async () => {
  answers(200, SESSION);
  const session = useSession();
  await session.load();
  const masked = session.rights;
  session.setUnmasked('2026-11-24T09:10:00Z');
  expect(session.session?.masked).toEqual([]);
  const lifted = session.rights;
  expect(lifted).not.toBe(masked);
  session.setUnmasked(null);
  expect(session.rights).not.toBe(lifted);
});

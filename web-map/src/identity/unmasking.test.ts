import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Session } from '../api/session';
import { useSession } from './session';
import { useUnmasking } from './unmasking';

const NOON = Date.parse('2026-11-24T12:00:00Z');
const UNTIL = '2026-11-24T12:10:00Z';
const SESSION: Session = {
  user: { user_id: 1, login: 'supervisor', name: '示例主管', org: null },
  roles: [],
  permissions: ['read', 'unmask'],
  must_change_password: false,
  has_second_factor: false,
  expires_at: '2026-11-24T20:00:00Z',
  masked: ['phone', 'name'],
  unmasked_until: null,
};

let served: Session;
let asked: string[];

beforeEach(() => {
  setActivePinia(createPinia());
  vi.useFakeTimers({ now: NOON });
  served = SESSION;
  asked = [];
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    asked.push(`${init.method} ${path} ${init.body ?? ''}`.trim());
    if (!path.endsWith('/unmask')) return Response.json(served);
    if (init.method === 'DELETE') return new Response(null, { status: 204 });
    return Response.json({ unmasked_until: UNTIL });
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

async function signedIn(how: Partial<Session> = {}) {
  served = { ...SESSION, ...how };
  const session = useSession();
  await session.load();
  return { session, unmasking: useUnmasking() };
}

test('it is offered to those who may and who read something masked', async () => {
  expect((await signedIn()).unmasking.mayBegin).toBe(true);
  expect((await signedIn({ permissions: ['read'] })).unmasking.mayBegin).toBe(false);
  expect((await signedIn({ masked: [] })).unmasking.mayBegin).toBe(false);
});

test('lifting the masks sends the reason, is a change of rights, and counts down', async () => {
  const { session, unmasking } = await signedIn();
  const before = session.rights;
  await unmasking.begin('联系报修人');
  expect(asked.at(-1)).toBe('POST /api/v1/session/unmask {"reason":"联系报修人"}');
  expect(unmasking.isOn).toBe(true);
  expect(unmasking.mayBegin).toBe(false);
  expect(session.rights).not.toBe(before);
  expect(unmasking.left).toBe(600);
  vi.advanceTimersByTime(61_000);
  expect(unmasking.left).toBe(539);
});

test('a page loaded anew goes on where the clock is', async () => {
  vi.setSystemTime(NOON + 570_000);
  const { unmasking } = await signedIn({ masked: [], unmasked_until: UNTIL });
  expect(unmasking.left).toBe(30);
});

test('when time is over the masks are back, without a word of the server', async () => {
  const { session, unmasking } = await signedIn({ masked: [], unmasked_until: UNTIL });
  const before = session.rights;
  vi.advanceTimersByTime(600_500);
  expect(unmasking.left).toBe(0);
  expect(unmasking.isOn).toBe(true);
  vi.advanceTimersByTime(1_000);
  expect(unmasking.isOn).toBe(false);
  expect(session.rights).not.toBe(before);
  expect(vi.getTimerCount()).toBe(0);
});

test('ending it early asks the server, and what it refuses changes nothing', async () => {
  const { unmasking } = await signedIn({ masked: [], unmasked_until: UNTIL });
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
  await expect(unmasking.end()).rejects.toMatchObject({ code: 'unreachable' });
  expect(unmasking.isOn).toBe(true);
  vi.stubGlobal('fetch', async () => new Response(null, { status: 204 }));
  await unmasking.end();
  expect(unmasking.isOn).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});

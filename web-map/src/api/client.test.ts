import { afterEach, expect, test, vi } from 'vitest';
import { type ApiProblem, call } from './client';
import { onSessionNews, type SessionNews } from './session-news';

afterEach(() => void vi.unstubAllGlobals());

const answer = (status: number, body: object | null, headers: Record<string, string> = {}) =>
  vi.stubGlobal(
    'fetch',
    async () => new Response(body && JSON.stringify(body), { status, headers }),
  );

test('an answer without content is nothing, not a fault', async () => {
  answer(204, null);
  await expect(call('/session', { method: 'DELETE' })).resolves.toBeUndefined();
});

test('how long to wait is read from the answer, or else from its head', async () => {
  answer(429, { code: 'locked-out', detail: {}, retry_after_s: 12 }, { 'retry-after': '60' });
  await expect(call('/session')).rejects.toMatchObject({ retryAfterS: 12 });
  answer(429, { code: 'locked-out', detail: {} }, { 'retry-after': '60' });
  await expect(call('/session')).rejects.toMatchObject({ retryAfterS: 60 });
  answer(500, { code: 'internal', detail: {} });
  await expect(call('/session')).rejects.toMatchObject({ retryAfterS: null });
});

test('all faults of a weak password are told', async () => {
  const message = { zh: '太短', en: 'too short' };
  answer(422, { code: 'weak-password', detail: {}, errors: [{ message }, { message }] });
  const problem = (await call('/account/password').catch((cause) => cause)) as ApiProblem;
  expect(problem.errors).toEqual([message, message]);
});

test('only a session that is missing or held up is news', async () => {
  const heard: SessionNews[] = [];
  const stop = onSessionNews((news) => void heard.push(news));
  for (const [status, code] of [
    [401, 'not-signed-in'],
    [401, 'wrong-credentials'],
    [403, 'not-allowed'],
    [403, 'password-change-needed'],
  ] as const) {
    answer(status, { code, detail: {} });
    await call('/layers').catch(() => {});
  }
  stop();
  expect(heard).toEqual(['not-signed-in', 'password-change-needed']);
});

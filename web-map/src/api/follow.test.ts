import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isAbort } from './client';
import { follow, type Progress } from './follow';
import { onSessionNews } from './session-news';

const fetched = vi.fn<(path: string, init: RequestInit) => Promise<Response>>();
const heard: Progress[] = [];

beforeEach(() => {
  heard.length = 0;
  fetched.mockReset();
  vi.stubGlobal('fetch', fetched);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function send(own = new AbortController()) {
  const hear = (progress: Progress) => void heard.push(progress);
  return follow('/import', { kind: 'x' }, new File(['x'], '人员.xlsx'), hear, own.signal);
}

/** A body of these chunks, which then ends or, as that of a server at work, stays open until it is aborted. */
function body(chunks: (string | Uint8Array)[], then: 'end' | 'stay' | 'break' = 'end') {
  fetched.mockImplementation(async (_path, { signal }) => {
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const chunk of chunks) {
          controller.enqueue(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk);
        }
        if (then === 'end') controller.close();
        if (then === 'break') controller.error(new TypeError('network error'));
        signal?.addEventListener('abort', () => controller.error(signal.reason));
      },
    });
    return { ok: true, status: 200, body: stream } as Response;
  });
}

test('progress is heard, and the outcome is what comes of it', async () => {
  body(['{"rows":9,"done":0}\n{"rows":9,"done":4}\n', '{"outcome":{"created":9}}\n']);
  await expect(send()).resolves.toEqual({ created: 9 });
  expect(heard).toEqual([
    { rows: 9, done: 0 },
    { rows: 9, done: 4 },
  ]);
  const [path, init] = fetched.mock.calls[0] ?? [];
  expect(path).toBe('/import?kind=x');
  expect(init?.headers).toMatchObject({ accept: 'application/x-ndjson' });
});

test('lines may be cut anywhere, within a character too, and the last needs no end', async () => {
  const bytes = new TextEncoder().encode('{"rows":2,"done":1}\n\n{"outcome":{"name":"楼"}}');
  body([...bytes].map((byte) => Uint8Array.of(byte)));
  await expect(send()).resolves.toEqual({ name: '楼' });
  expect(heard).toEqual([{ rows: 2, done: 1 }]);
});

test('a problem of the last line is thrown as that of any other call', async () => {
  const title = { zh: '期间已关闭', en: 'closed' };
  const problem = { status: 409, code: 'closed', title, detail: title, request_id: 'r1' };
  body(['{"rows":2,"done":1}\n', `${JSON.stringify({ problem })}\n`]);
  await expect(send()).rejects.toMatchObject({ status: 409, code: 'closed', requestId: 'r1' });
});

test('a refusal before it begins is a problem, and news if it is about the session', async () => {
  const news: string[] = [];
  const stop = onSessionNews((one) => void news.push(one));
  const answer = { code: 'not-signed-in', detail: {} };
  fetched.mockResolvedValue(new Response(JSON.stringify(answer), { status: 401 }));
  await expect(send()).rejects.toMatchObject({ status: 401, code: 'not-signed-in' });
  stop();
  expect(news).toEqual(['not-signed-in']);
});

test('a stream that ends, breaks or makes no sense before its last line is a problem', async () => {
  body(['{"rows":2,"done":1}\n']);
  await expect(send()).rejects.toMatchObject({ code: 'cut-off' });
  body(['{"rows":2,"done":1}\n'], 'break');
  await expect(send()).rejects.toMatchObject({ code: 'cut-off' });
  body(['{"rows":2,"done":1}\n{"outco']);
  await expect(send()).rejects.toMatchObject({ code: 'unreadable' });
  fetched.mockRejectedValue(new TypeError('failed to fetch'));
  await expect(send()).rejects.toMatchObject({ code: 'unreachable' });
});

test("the caller's own abort stops it and is no problem", async () => {
  body(['{"rows":2,"done":1}\n'], 'stay');
  const own = new AbortController();
  const sent = send(own).catch((cause) => cause);
  await vi.waitFor(() => expect(heard).toHaveLength(1));
  own.abort();
  expect(isAbort(await sent)).toBe(true);
});

test('a server that falls silent is given up', async () => {
  vi.useFakeTimers();
  body(['{"rows":2,"done":1}\n'], 'stay');
  const sent = send().catch((cause) => cause);
  await vi.advanceTimersByTimeAsync(300_001);
  expect(await sent).toMatchObject({ code: 'timed-out' });
});

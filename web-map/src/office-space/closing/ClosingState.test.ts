import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type App, createApp } from 'vue';
import type { Closing } from '../../api/space';
import { i18n, setLang } from '../../i18n';
import { useSession } from '../../identity/session';
import ClosingState from './ClosingState.vue';

const closing = (through: string, note: string): Closing => ({
  ledger: 'space',
  through,
  actor: 'planner',
  actor_name: '示例规划',
  at: '2026-11-03T08:00:00Z',
  note,
});
const october = closing('2026-10-31', '十月结账');
const november = closing('2026-11-30', '十一月结账');

let app: App;
let host: HTMLElement;
let items: Closing[];
let permissions: string[];
let refusal: object | null;
const sent = vi.fn<(body: unknown) => void>();

beforeEach(() => {
  // In Beijing the month has just ended.
  vi.useFakeTimers({ now: Date.parse('2026-11-30T16:30:00Z'), toFake: ['Date'] });
  setActivePinia(createPinia());
  setLang('zh');
  items = [october, closing('2026-09-30', '九月结账')];
  permissions = ['manage_standards'];
  refusal = null;
  sent.mockReset();
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    if (path.endsWith('/session')) {
      return Response.json({ permissions, roles: [], user: {}, masked: [], unmasked_until: null });
    }
    expect(path).toMatch(/^\/api\/v1\/ledgers\/closings/);
    if (init.method !== 'POST') return Response.json({ items });
    sent(JSON.parse(String(init.body)));
    if (refusal) return Response.json(refusal, { status: 409 });
    items = [november, ...items];
    return Response.json({ items }, { status: 201 });
  });
  host = document.createElement('div');
  document.body.append(host);
});

afterEach(() => {
  app.unmount();
  host.remove();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const settled = () => new Promise((resolve) => setTimeout(resolve, 10));
const button = (text: string) =>
  [...host.querySelectorAll('button')].find((one) => one.textContent?.trim() === text);
const day = () => host.querySelector('dialog input') as HTMLInputElement;

async function show() {
  await useSession().load();
  app = createApp(ClosingState).use(i18n);
  app.mount(host);
  await settled();
}

async function type(box: HTMLInputElement | HTMLTextAreaElement | null, text: string) {
  if (!box) throw new Error('there is no such box');
  box.value = text;
  box.dispatchEvent(new Event('input', { bubbles: true }));
  await settled();
}

async function submit() {
  host.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }));
  await settled();
}

test('everybody reads how far it is closed, and the record; not everybody closes', async () => {
  permissions = [];
  await show();
  expect(host.textContent).toContain('台账已结账至 2026-10-31（示例规划，2026-11-03）');
  const rows = [...host.querySelectorAll('li')].map(({ textContent }) => textContent);
  expect(rows).toHaveLength(2);
  expect(rows[1]).toMatch(/2026-09-30.*示例规划.*九月结账/);
  expect(button('结账…')).toBeUndefined();
});

test('a ledger that was never closed says so, and has no record', async () => {
  items = [];
  await show();
  expect(host.textContent).toContain('台账尚未结账');
  expect(host.querySelector('details')).toBeNull();
});

test('the month before is offered, and the line follows what was closed', async () => {
  await show();
  button('结账…')?.click();
  await settled();
  expect(day().value).toBe('2026-11-30');
  await type(host.querySelector('textarea'), ' 十一月结账 ');
  await submit();
  expect(sent).toHaveBeenCalledWith({
    ledger: 'space',
    through: '2026-11-30',
    note: '十一月结账',
  });
  expect(host.querySelector('dialog')).toBeNull();
  expect(host.textContent).toContain('台账已结账至 2026-11-30');
});

test('nothing is sent without a note', async () => {
  await show();
  button('结账…')?.click();
  await settled();
  await submit();
  expect(sent).not.toHaveBeenCalled();
  expect(host.querySelector('textarea')?.getAttribute('aria-invalid')).toBe('true');
});

test('an earlier day says that it opens days again, while it is typed', async () => {
  await show();
  button('结账…')?.click();
  await settled();
  expect(button('结账')).toBeDefined();
  expect(host.querySelector('.again')).toBeNull();
  await type(day(), '2026-9-30');
  expect(button('重新开账')).toBeDefined();
  expect(button('结账')).toBeUndefined();
  expect(host.querySelector('.again')?.textContent).toContain('2026-10-31');
  await type(day(), '2026-10-31');
  expect(button('结账')).toBeDefined();
});

// Two planners close at the end of a month: what the page has read is not what is in force any more.
test('what somebody else has closed meanwhile counts', async () => {
  await show();
  items = [november, ...items];
  button('结账…')?.click();
  await settled();
  await type(day(), '2026-11-15');
  expect(button('重新开账')).toBeDefined();
});

test('a ledger that does not add up is told in the words of the server', async () => {
  await show();
  button('结账…')?.click();
  await settled();
  await type(host.querySelector('textarea'), '十一月结账');
  refusal = {
    code: 'ledger-unsound',
    title: { zh: '台账核对不平', en: 'The ledger does not add up' },
    detail: { zh: '房间 7 的分录不平', en: 'the entries of room 7 do not add up' },
  };
  await submit();
  expect(host.querySelector('dialog')?.textContent).toContain('房间 7 的分录不平');
});

// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type App, createApp, nextTick } from 'vue';
import { i18n, setLang } from '../i18n';
import { useSession } from './session';
import UnmaskChip from './UnmaskChip.vue';

const NOON = Date.parse('2026-11-24T12:00:00Z');
let app: App;
let host: HTMLElement;

beforeEach(async () => {
  vi.useFakeTimers({ now: NOON });
  const pinia = createPinia();
  setActivePinia(pinia);
  setLang('zh');
  vi.stubGlobal('fetch', async () =>
    Response.json({
      permissions: ['unmask'],
      roles: [],
      user: {},
      masked: ['name'],
      unmasked_until: null,
    }),
  );
  await useSession().load();
  host = document.createElement('div');
  document.body.append(host);
  app = createApp(UnmaskChip).use(pinia).use(i18n);
  app.mount(host);
});

afterEach(() => {
  app.unmount();
  host.remove();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('nothing is shown while the masks are on', () => {
  expect(host.textContent?.trim()).toBe('');
});

test('it says how long still, second by second, in the language of the reader', async () => {
  useSession().setUnmasked('2026-11-24T12:10:00Z');
  await nextTick();
  expect(host.querySelector('[role=timer]')?.textContent?.trim()).toBe('10:00');
  vi.advanceTimersByTime(1_000);
  setLang('en');
  await nextTick();
  expect(host.querySelector('[role=timer]')?.textContent?.trim()).toBe('9:59');
  expect(host.querySelector('button')?.textContent?.trim()).toBe('Mask again');
});

test('its button ends it, and says why when it could not', async () => {
  useSession().setUnmasked('2026-11-24T12:10:00Z');
  await nextTick();
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
  host.querySelector('button')?.click();
  await vi.advanceTimersByTimeAsync(10);
  expect(host.querySelector('[role=alert]')?.textContent).toContain('无法连接服务器');
  vi.stubGlobal('fetch', async () => new Response(null, { status: 204 }));
  host.querySelector('button')?.click();
  await vi.advanceTimersByTimeAsync(10);
  expect(host.querySelector('button')).toBeNull();
});

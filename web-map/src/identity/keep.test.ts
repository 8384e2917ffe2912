import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createMemoryHistory, createRouter, type Router } from 'vue-router';
import type { Permission } from '../api/session';
import type { SessionNews } from '../api/session-news';

const page = { render: () => null };
let router: Router;
let left: string[];
let renewals: number;
let stop: () => void;

const served: { permissions: Permission[] | null; mustChange: boolean } = {
  permissions: null,
  mustChange: false,
};

beforeEach(async () => {
  setActivePinia(createPinia());
  Object.assign(served, { permissions: ['read'], mustChange: false });
  vi.stubGlobal('fetch', async () => answer());
  // The module remembers that the page is on its way out; each test has a page of its own.
  vi.resetModules();
  const { keepSession } = await import('./keep');
  const fresh = await import('./renewal');
  left = [];
  renewals = 0;
  stop = fresh.onRenewal(() => {
    renewals += 1;
  });
  router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/', component: page, meta: { needs: ['read'] } },
      { path: '/sign-in', component: page, meta: { isPublic: true } },
      { path: '/admin/audit', component: page, meta: { needs: ['read_audit'] } },
      { path: '/account/password', component: page },
      { path: '/refused', component: page },
    ],
  });
  keepSession(router, (path) => void left.push(path));
});

afterEach(() => {
  stop();
  vi.unstubAllGlobals();
});

function answer(): Response {
  if (served.permissions === null) {
    return Response.json({ code: 'not-signed-in' }, { status: 401 });
  }
  return Response.json({
    user: { user_id: 1, login: 'county', name: '示例', org: null },
    roles: [],
    permissions: served.permissions,
    must_change_password: served.mustChange,
    masked: [],
    unmasked_until: null,
  });
}

/** The modules of this test, not those loaded before them. */
const news = async (one: SessionNews) => {
  const fresh = await import('../api/session-news');
  fresh.tellSessionNews(one);
  await new Promise((resolve) => setTimeout(resolve, 5));
};

test('the first step asks who this is', async () => {
  await router.push('/?at=room:7');
  expect(router.currentRoute.value.fullPath).toBe('/?at=room:7');
});

test('without a session the first step ends at the door, and the page is not loaded again', async () => {
  served.permissions = null;
  await router.push('/?at=room:7');
  expect(router.currentRoute.value.path).toBe('/sign-in');
  expect(router.currentRoute.value.query.to).toBe('/?at=room:7');
  expect(left).toEqual([]);
});

test('a call that is answered 401 leaves the page once, and keeps the address', async () => {
  await router.push('/?at=room:7');
  served.permissions = null;
  const fresh = await import('../api');
  await Promise.allSettled([fresh.listLayers(), fresh.listLayers()]);
  expect(left).toEqual(['/sign-in?to=%2F%3Fat%3Droom%3A7']);
});

test('changed rights are asked for, and then everything is fetched again', async () => {
  await router.push('/');
  served.permissions = ['read', 'record'];
  await news('rights-changed');
  const { useSession } = await import('./session');
  expect(useSession().may('record')).toBe(true);
  expect(renewals).toBe(1);
  expect(left).toEqual([]);
});

test('a page that is no longer theirs is left before anything is fetched again', async () => {
  served.permissions = ['read', 'read_audit'];
  await router.push('/admin/audit');
  served.permissions = ['read'];
  await news('rights-changed');
  expect(router.currentRoute.value.path).toBe('/refused');
  expect(renewals).toBe(1);
});

test('rights found changed by any question are a change of rights', async () => {
  await router.push('/');
  served.permissions = ['read', 'track'];
  const { useSession } = await import('./session');
  await useSession().load();
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(renewals).toBe(1);
});

test('a password that has to be changed brings its page', async () => {
  await router.push('/?at=room:7');
  served.mustChange = true;
  await news('password-change-needed');
  expect(router.currentRoute.value.path).toBe('/account/password');
  expect(router.currentRoute.value.query.to).toBe('/?at=room:7');
});

test('the end of a session while its rights are asked for leaves the page once', async () => {
  await router.push('/');
  served.permissions = null;
  await news('rights-changed');
  expect(left).toEqual(['/sign-in']);
  expect(renewals).toBe(0);
});

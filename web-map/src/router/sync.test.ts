import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type App, createApp, nextTick } from 'vue';
import { createMemoryHistory, createRouter } from 'vue-router';
import { useView } from '../stores/view';
import { useViewInUrl } from './sync';

let app: App | null = null;
beforeEach(() => setActivePinia(createPinia()));
afterEach(() => {
  app?.unmount();
  app = null;
});

async function at(address: string) {
  const page = { template: '<p />' };
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/', name: 'map', component: page }],
  });
  await router.push(address);
  app = createApp({
    setup: () => {
      useViewInUrl(() => {});
      return () => null;
    },
  });
  app.use(router).mount(document.createElement('div'));
  return router;
}

/** A figure of one theme was opened from the map of another: both stayed on, and the older one was drawn. */
test('another address of the map takes the place of the one before, layers and place too', async () => {
  const router = await at('/?layers=office_space_over&at=room:7');
  const view = useView();
  expect(view.layers).toEqual({ office_space_over: true });
  const seen = view.selected;
  await router.push('/?layers=office_space_vacant&at=building:9');
  expect(view.layers).toEqual({ office_space_vacant: true });
  expect(view.selected).toEqual({ kind: 'building', id: 9 });
  expect(view.selected).not.toBe(seen);
  await nextTick();
  expect(router.currentRoute.value.query.layers).toBe('office_space_vacant');
});

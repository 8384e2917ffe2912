import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type App, createApp, nextTick } from 'vue';
import { createMemoryHistory, createRouter } from 'vue-router';
import type { Icon } from '../../../api/icons';
import { i18n, setLang } from '../../../i18n';
import IconsPage from './IconsPage.vue';

const use = {
  layer_id: 'facilities',
  layer: { zh: '设施', en: 'Facilities' },
  what: { zh: '食堂', en: 'Canteens' },
  light: '#d55e00',
  dark: '#f08a3c',
};
const icon = (name: string, zh: string | null, rest: Partial<Icon> = {}): Icon => ({
  name,
  title: zh ? { zh, en: name } : null,
  origin: 'shipped',
  href: `/api/v1/icons/${name}?v=1`,
  uses: [],
  ...rest,
});
const refusal = {
  type: '/problems/icon-refused',
  title: { zh: '图标不能使用', en: 'Icon refused' },
  status: 422,
  code: 'icon-refused',
  detail: { zh: '图标“canteen”：第 1 行：图标中不能有脚本', en: 'the icon canteen: no scripts' },
};

let app: App;
let host: HTMLElement;
let items: Icon[];
let refused: boolean;
const sent = vi.fn<(method: string, path: string, type: string | null) => void>();

beforeEach(async () => {
  setActivePinia(createPinia());
  setLang('zh');
  refused = false;
  sent.mockReset();
  items = [icon('canteen', '食堂', { uses: [use] }), icon('flag', '旗帜')];
  vi.stubGlobal('fetch', async (path: string, init: RequestInit = {}) => {
    if (!path.startsWith('/api/v1/icons')) return Response.json({ items: [], total: 0 });
    if (init.method === 'GET') {
      return Response.json({ version: '1', limits: { bytes: 16384, own: 200 }, items });
    }
    sent(init.method ?? '', path, new Headers(init.headers).get('content-type'));
    if (refused) return Response.json(refusal, { status: 422 });
    return init.method === 'DELETE'
      ? new Response(null, { status: 204 })
      : Response.json({ name: 'canteen' });
  });
  host = document.createElement('div');
  document.body.append(host);
  const routes = [{ path: '/:rest(.*)*', component: {} }];
  const router = createRouter({ history: createMemoryHistory(), routes });
  app = createApp(IconsPage).use(createPinia()).use(i18n).use(router);
  app.mount(host);
  await settled();
});

afterEach(() => {
  app.unmount();
  host.remove();
  vi.unstubAllGlobals();
});

const settled = () => new Promise((resolve) => setTimeout(resolve, 10));
const cards = () =>
  [...host.querySelectorAll('[data-icon-card]')].map((card) => card.getAttribute('data-icon-card'));
const button = (name: string) =>
  [...host.querySelectorAll('button')].find(
    (one) => one.getAttribute('aria-label') === name || one.textContent?.trim() === name,
  );

async function choose(name: string, text: string) {
  const input = host.querySelector<HTMLInputElement>('dialog input[type=file]');
  Object.defineProperty(input, 'files', { value: [new File([text], name)], configurable: true });
  input?.dispatchEvent(new Event('change'));
  await nextTick();
}

async function submit() {
  host.querySelector('dialog form')?.dispatchEvent(new Event('submit', { cancelable: true }));
  await settled();
}

test('each icon says what draws it, in light and in dark, and a search narrows them', async () => {
  expect(cards()).toEqual(['canteen', 'flag']);
  const text = host.querySelector('[data-icon-card=canteen]')?.textContent ?? '';
  expect(text).toContain('食堂');
  expect(text).toContain('设施：食堂');
  expect(text).toContain('随产品');
  expect(host.querySelector('[data-icon-card=flag]')?.textContent).toContain('没有图层使用');
  const grounds = host.querySelectorAll('[data-icon-card=canteen] [role=img]');
  expect([...grounds].map((one) => one.getAttribute('aria-label'))).toEqual([
    '浅色主题',
    '深色主题',
  ]);
  const search = host.querySelector<HTMLInputElement>('input[type=search]');
  if (search) search.value = '设施';
  search?.dispatchEvent(new Event('input'));
  await nextTick();
  expect(cards()).toEqual(['canteen']);
  if (search) search.value = 'nothing like it';
  search?.dispatchEvent(new Event('input'));
  await nextTick();
  expect(host.textContent).toContain('没有符合条件的结果');
});

test('an icon is replaced by a file, and what the server refuses stays in the dialog', async () => {
  button('替换图标“canteen”')?.click();
  await nextTick();
  await submit();
  expect(host.querySelector('dialog')?.textContent).toContain('请选择 SVG 文件');
  await choose('big.svg', 'x'.repeat(16_385));
  await submit();
  expect(host.querySelector('dialog [role=alert]')?.textContent).toContain('最大 16 KB');
  expect(sent).not.toHaveBeenCalled();

  refused = true;
  await choose('door.svg', '<svg/>');
  expect(host.querySelectorAll('dialog figure')).toHaveLength(2);
  await submit();
  expect(sent).toHaveBeenLastCalledWith('PUT', '/api/v1/icons/canteen', 'image/svg+xml');
  expect(host.querySelector('dialog [role=alert]')?.textContent).toContain('不能有脚本');
  refused = false;
  items = [icon('canteen', '食堂', { uses: [use], origin: 'replaced' })];
  await submit();
  expect(host.querySelector('dialog')).toBeNull();
  expect(host.querySelector('[data-icon-card=canteen]')?.textContent).toContain('已替换');
});

test('a new icon takes its name from the file, and no name that is taken', async () => {
  button('添加图标')?.click();
  await nextTick();
  const name = host.querySelector<HTMLInputElement>('dialog input:not([type=file])');
  await choose('Flag.svg', '<svg/>');
  expect(name?.value).toBe('flag');
  await submit();
  expect(host.querySelector('dialog [role=alert]')?.textContent).toContain('已有图标“flag”');
  expect(sent).not.toHaveBeenCalled();
  if (name) name.value = 'flag-2';
  name?.dispatchEvent(new Event('input'));
  await submit();
  expect(sent).toHaveBeenLastCalledWith('PUT', '/api/v1/icons/flag-2', 'image/svg+xml');
});

test('what a removal does is said before it is done', async () => {
  items = [
    icon('canteen', '食堂', { uses: [use], origin: 'replaced' }),
    icon('dot', null, {
      origin: 'added',
      uses: [use],
      updated_by: 'admin',
      updated_at: '2026-11-24T08:00:00Z',
    }),
    icon('flag', '旗帜'),
  ];
  app.unmount();
  app = createApp(IconsPage)
    .use(createPinia())
    .use(i18n)
    .use(
      createRouter({
        history: createMemoryHistory(),
        routes: [{ path: '/:rest(.*)*', component: {} }],
      }),
    );
  app.mount(host);
  await settled();
  expect(host.querySelector('[data-icon-card=dot]')?.textContent).toContain('admin · ');
  expect(button('移除图标“flag”')).toBeUndefined();
  button('移除图标“dot”')?.click();
  await nextTick();
  expect(host.querySelector('dialog')?.textContent).toContain('“dot”正由“设施”使用');
  await submit();
  expect(sent).toHaveBeenLastCalledWith('DELETE', '/api/v1/icons/dot', null);
  button('恢复图标“canteen”')?.click();
  await nextTick();
  expect(host.querySelector('dialog')?.textContent).toContain('将恢复为随产品提供的图标');
});

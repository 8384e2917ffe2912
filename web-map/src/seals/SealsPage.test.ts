import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type App, createApp, h } from 'vue';
import { createMemoryHistory, createRouter, type Router, RouterView } from 'vue-router';
import type { Holiday, Seal } from '../api/seals';
import { i18n, setLang } from '../i18n';
import { useSession } from '../identity/session';
import SealsPage from './SealsPage.vue';
import { sealOf } from './seal.fixture';

let app: App;
let host: HTMLElement;
let router: Router;
let seals: Seal[];
let holidays: Holiday[];
let permissions: string[];
let refusal: object | null;
const sent = vi.fn<(path: string, body: unknown) => void>();
const asked = vi.fn<(path: string) => void>();

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-09-28T02:00:00Z'), toFake: ['Date'] });
  vi.stubGlobal(
    'IntersectionObserver',
    class {
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  );
  setActivePinia(createPinia());
  setLang('zh');
  seals = [];
  holidays = [{ name: '国庆节', from: '2026-10-01', to: '2026-10-07' }];
  permissions = ['track', 'command'];
  refusal = null;
  sent.mockReset();
  asked.mockReset();
  vi.stubGlobal('fetch', async (path: string, init: RequestInit = {}) => {
    if (path.endsWith('/session')) {
      return Response.json({
        user: { user_id: 1, login: 'dispatcher', name: '示例调度' },
        roles: [],
        permissions,
        masked: [],
        unmasked_until: null,
      });
    }
    if (path.endsWith('/orgs')) {
      const org = { org_id: 5, code: 'U05', name: '公安局', level: 1, parent_id: null, color: '' };
      return Response.json({ items: [org] });
    }
    if (!path.startsWith('/api/v1/seals')) return Response.json({ items: [], total: 0 });
    if (path.endsWith('/holidays')) return Response.json({ items: holidays });
    if (init.method !== 'POST') {
      asked(path);
      return Response.json({ items: seals, next: null });
    }
    sent(path, init.body ? JSON.parse(String(init.body)) : null);
    if (refusal) return Response.json(refusal, { status: 409 });
    const [first = sealOf(9)] = seals;
    if (path === '/api/v1/seals') seals = [sealOf(9), ...seals];
    return Response.json(path === '/api/v1/seals' ? sealOf(9) : first, { status: 201 });
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

const settled = () => new Promise((resolve) => setTimeout(resolve, 15));

async function show(address = '/seals') {
  const pinia = createPinia();
  setActivePinia(pinia);
  await useSession().load();
  router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/seals/:which(new)?', component: SealsPage },
      { path: '/:rest(.*)*', component: { template: '<p />' } },
    ],
  });
  await router.push(address);
  app = createApp({ render: () => h(RouterView) })
    .use(pinia)
    .use(i18n)
    .use(router);
  app.mount(host);
  await settled();
}

const button = (name: string, within: ParentNode = host) =>
  [...within.querySelectorAll('button')].find((one) => one.textContent?.trim() === name);
const box = (label: string) => {
  const id = [...host.querySelectorAll('label')].find(
    (one) => one.textContent?.trim() === label,
  )?.htmlFor;
  return host.querySelector<HTMLInputElement>(`[id="${id}"]`) as HTMLInputElement;
};

async function press(name: string, within?: ParentNode) {
  button(name, within)?.click();
  await settled();
}

async function submit(form: Element | null) {
  form?.dispatchEvent(new Event('submit', { cancelable: true, bubbles: true }));
  await settled();
}

async function chooseOrg() {
  const org = box('封存哪个单位的车辆');
  org.click();
  org.value = '公安';
  org.dispatchEvent(new Event('input'));
  await new Promise((resolve) => setTimeout(resolve, 400));
  org.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }));
  await settled();
}

test('without a seal the page says what one is for', async () => {
  await show();
  expect(host.textContent).toContain('还没有封存');
  expect(host.textContent).toContain('一有移动就自动报警');
  await press('封存中');
  expect(asked).toHaveBeenLastCalledWith('/api/v1/seals?state=standing&limit=100');
  expect(router.currentRoute.value.fullPath).toBe('/seals?state=standing');
  expect(host.textContent).toContain('没有这种状态的封存');
});

test('a row tells whose, when, why, how it stands and what was found', async () => {
  seals = [sealOf(1, { state: 'standing', alarms: 2 }), sealOf(2, { state: 'withdrawn' })];
  await show();
  const [first, second] = [...host.querySelectorAll('tbody tr')];
  for (const text of [
    '2026-10-01 周四 00:00 至 10-07 周三 24:00',
    '7 天',
    '公安局',
    '全部 12 辆',
    '国庆节假日封存',
    '封存中',
    'dispatcher',
  ]) {
    expect(first?.textContent).toContain(text);
  }
  expect(first?.querySelector('.alarms a')?.getAttribute('href')).toBe(
    '/alarms?state=all&rule=sealed_movement&from=2026-10-01&to=2026-10-07',
  );
  expect(second?.querySelector('.alarms')?.textContent?.trim()).toBe('0');
  expect(second?.querySelectorAll('.deeds button')).toHaveLength(0);
});

test('whoever may only read sees no buttons, and no form', async () => {
  permissions = ['track'];
  seals = [sealOf(1, { state: 'standing', may_end: false })];
  await show('/seals/new');
  expect(host.querySelector('tbody tr')).not.toBeNull();
  expect(host.querySelector('form')).toBeNull();
  for (const name of ['封存车辆', '解封', '作废']) expect(button(name)).toBeUndefined();
  expect(host.textContent).toContain('您的角色可以查看封存');
});

test('all that is missing is told at once, and nothing is sent', async () => {
  await show('/seals/new');
  await submit(host.querySelector('aside form'));
  for (const fault of ['请选择单位', '请填写开始时间', '请填写结束时间', '请填写事由']) {
    expect(host.textContent).toContain(fault);
  }
  expect(sent).not.toHaveBeenCalled();
});

test('a holiday is sealed over by one click, and what was made is withdrawn by another', async () => {
  await show();
  await press('封存车辆');
  expect(router.currentRoute.value.path).toBe('/seals/new');
  await chooseOrg();
  host.querySelector<HTMLButtonElement>('.holiday')?.click();
  await settled();
  expect(box('开始时间').value).toBe('2026-10-01T00:00');
  expect(box('结束时间').value).toBe('2026-10-08T00:00');
  expect(box('事由').value).toBe('国庆节假日封存');
  expect(host.textContent).toContain('2026-10-01 周四 00:00 至 10-07 周三 24:00，共 7 天');
  await submit(host.querySelector('aside form'));
  expect(sent).toHaveBeenCalledWith('/api/v1/seals', {
    org_id: 5,
    vehicles: [],
    starts_at: '2026-09-30T16:00:00.000Z',
    ends_at: '2026-10-07T16:00:00.000Z',
    spares_orders: true,
    reason: '国庆节假日封存',
  });
  expect(router.currentRoute.value.path).toBe('/seals');
  expect(host.querySelectorAll('tbody tr')).toHaveLength(1);
  expect(host.textContent).toContain('已封存：公安局及下级单位的全部车辆');
  await press('撤销');
  expect(sent).toHaveBeenLastCalledWith('/api/v1/seals/9/withdraw', null);
  expect(host.textContent).toContain('已撤销');
});

test('a calendar without holidays to come says so', async () => {
  holidays = [{ name: '中秋节', from: '2026-09-25', to: '2026-09-27' }];
  await show('/seals/new');
  expect(host.textContent).toContain('以后的节假日安排尚未公布');
});

test('somebody is asked before what they filled in is lost', async () => {
  await show('/seals/new');
  host.querySelector<HTMLButtonElement>('.holiday')?.click();
  await settled();
  await press('取消');
  expect(router.currentRoute.value.path).toBe('/seals/new');
  await press('离开');
  expect(router.currentRoute.value.path).toBe('/seals');
  expect(host.querySelector('aside')).toBeNull();
});

test('a seal is lifted after it was said what that does, by key too', async () => {
  seals = [sealOf(3, { state: 'standing' })];
  await show();
  window.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown' }));
  window.dispatchEvent(new KeyboardEvent('keydown', { key: 'l' }));
  await settled();
  const dialog = host.querySelector('dialog');
  expect(dialog?.textContent).toContain('提前解封“国庆节假日封存”？');
  expect(dialog?.textContent).toContain('可以移动');
  await submit(dialog?.querySelector('form') ?? null);
  expect(sent).toHaveBeenCalledWith('/api/v1/seals/3/lift', null);
  expect(host.querySelector('dialog')).toBeNull();
  expect(host.textContent).toContain('已解封“国庆节假日封存”');
  expect(button('撤销')).toBeUndefined();
});

test('one that was withdrawn before it began is brought back as it was', async () => {
  seals = [sealOf(3)];
  await show();
  await press('作废', host.querySelector('tbody') ?? host);
  await submit(host.querySelector('dialog form'));
  expect(sent).toHaveBeenCalledWith('/api/v1/seals/3/withdraw', null);
  await press('撤销');
  expect(sent).toHaveBeenLastCalledWith(
    '/api/v1/seals',
    expect.objectContaining({ org_id: 5, starts_at: sealOf(3).starts_at }),
  );
});

test('whoever was slower is told, and the list is read again', async () => {
  refusal = {
    type: '/problems/seal-out-of-turn',
    title: { zh: '封存的状态已变', en: 'The seal has moved on' },
    status: 409,
    code: 'seal-out-of-turn',
    detail: { zh: '该封存已解封，请刷新后查看', en: 'the seal was lifted already; look again' },
  };
  seals = [sealOf(3, { state: 'standing' })];
  await show();
  await press('解封', host.querySelector('tbody') ?? host);
  asked.mockClear();
  await submit(host.querySelector('dialog form'));
  expect(host.querySelector('dialog')?.textContent).toContain('该封存已解封');
  expect(asked).toHaveBeenCalled();
});

import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type App, createApp, nextTick } from 'vue';
import { createMemoryHistory, createRouter, type Router } from 'vue-router';
import type { Frame } from '../../api/frames';
import { i18n, setLang } from '../../i18n';
import FramesPage from './FramesPage.vue';
import { batchFrame, sampleFrame } from './parts.fixture';
import { SAMPLE } from './sample';

const refusal = {
  type: '/problems/bad-request',
  title: { zh: '请求不正确', en: 'Bad request' },
  status: 400,
  code: 'bad-request',
  detail: { zh: '报文须为十六进制', en: 'hexadecimal, two digits for each byte' },
};

let app: App | null = null;
let host: HTMLElement;
let router: Router;
let answer: (hex: string) => Frame[] | null;
const asked = vi.fn<(hex: string) => void>();

beforeEach(() => {
  setActivePinia(createPinia());
  setLang('zh');
  asked.mockReset();
  answer = (hex) => [sampleFrame(hex === SAMPLE ? '13' : '14')];
  vi.stubGlobal('fetch', async (path: string) => {
    const url = new URL(path, 'http://here.test');
    if (url.pathname !== '/api/v1/jt808/explain') return Response.json({ items: [], total: 0 });
    const hex = url.searchParams.get('hex') ?? '';
    asked(hex);
    const frames = answer(hex);
    return frames ? Response.json({ frames }) : Response.json(refusal, { status: 400 });
  });
});

afterEach(() => {
  app?.unmount();
  app = null;
  host.remove();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const settled = () => new Promise((resolve) => setTimeout(resolve, 15));

async function open(address = '/tools/frames') {
  host = document.createElement('div');
  document.body.append(host);
  const routes = [{ path: '/:rest(.*)*', component: {} }];
  router = createRouter({ history: createMemoryHistory(), routes });
  await router.push(address);
  app = createApp(FramesPage).use(createPinia()).use(i18n).use(router);
  app.mount(host);
  await settled();
}

const box = () => host.querySelector('textarea') as HTMLTextAreaElement;
const button = (name: string) =>
  [...host.querySelectorAll('button')].find((one) => one.textContent?.trim() === name);
const row = (name: string) =>
  [...host.querySelectorAll<HTMLElement>('tr.part')].find(
    (one) => one.querySelector('.name')?.textContent?.trim() === name,
  );
const active = () => [
  [...host.querySelectorAll('.segment.active .byte')].map((one) => one.textContent).join(''),
  host.querySelector('tr.active .name')?.textContent?.trim(),
];

async function type(text: string) {
  box().value = text;
  box().dispatchEvent(new Event('input'));
  await nextTick();
}

test('the page says what to paste, and the sample is explained and in the address', async () => {
  await open();
  expect(host.textContent).toContain('逐字节查看含义');
  expect(asked).not.toHaveBeenCalled();
  button('示例')?.click();
  await settled();
  expect(box().value).toBe(SAMPLE);
  expect(router.currentRoute.value.query.hex).toBe(SAMPLE);
  expect(row('纬度')?.textContent).toContain('12.222222° N');
  expect(row('报警标志')?.textContent).toContain('紧急报警');
  expect(host.querySelector('.sum')?.textContent).toContain('没有错误');
  button('清空')?.click();
  await settled();
  expect(router.currentRoute.value.fullPath).toBe('/tools/frames');
  expect(host.querySelector('table')).toBeNull();
});

test('an address with a frame shows it, and another address another', async () => {
  await open(`/tools/frames?hex=${SAMPLE}`);
  expect(box().value).toBe(SAMPLE);
  expect(row('纬度')).toBeDefined();
  await router.push('/tools/frames?hex=7E7E');
  await settled();
  expect(box().value).toBe('7E7E');
  expect(asked).toHaveBeenLastCalledWith('7E7E');
});

test('the server is asked once somebody pauses, and what is typed meanwhile is kept', async () => {
  await open();
  vi.useFakeTimers();
  await type('7E');
  vi.advanceTimersByTime(200);
  await type('7E 00\n7E');
  vi.advanceTimersByTime(200);
  expect(asked).not.toHaveBeenCalled();
  vi.advanceTimersByTime(150);
  await type('7E 00\n7E 0');
  vi.useRealTimers();
  await settled();
  expect(asked.mock.calls).toEqual([['7E 00\n7E']]);
  expect(router.currentRoute.value.query.hex).toBe('7E 00\n7E');
  expect(box().value).toBe('7E 00\n7E 0');
});

test('a fault is counted at the top, told in its row, and walked to', async () => {
  await open('/tools/frames?hex=7E7E');
  expect(host.querySelector('.sum')?.textContent).toContain('1 处错误');
  const fault = row('校验码')?.querySelector('.fault');
  expect(fault?.textContent).toContain('应为 13');
  expect(fault?.querySelector('svg')?.getAttribute('aria-label')).toBe('错误');
  button('下一处错误')?.click();
  await settled();
  expect(document.activeElement?.textContent?.trim()).toBe('校验码');
  expect(active()).toEqual(['14', '校验码']);
});

test('bytes and rows stand out together, by pointer and by keys', async () => {
  await open(`/tools/frames?hex=${SAMPLE}`);
  const over = (to: Element | null | undefined, type: string) =>
    to?.dispatchEvent(new PointerEvent(type, { pointerType: 'mouse' }));
  over(row('纬度'), 'pointermove');
  await nextTick();
  expect(active()).toEqual(['00BA7F0E', '纬度']);
  over(row('纬度'), 'pointerleave');
  await nextTick();
  expect(active()).toEqual(['', undefined]);

  const first = host.querySelector<HTMLElement>('.hex button[tabindex="0"]');
  expect(first?.querySelector('.byte')?.textContent).toBe('7E');
  first?.focus();
  first?.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
  await nextTick();
  expect(active()).toEqual(['0200', '消息ID']);
  expect(document.activeElement?.textContent).toBe('0200偏移 1–2，消息ID：位置信息汇报');
  expect(host.querySelectorAll('.hex button[tabindex="0"]')).toHaveLength(1);
});

test('what the server refuses is told at the text box, in the language of the reader', async () => {
  answer = () => null;
  await open('/tools/frames?hex=xyz');
  expect(host.querySelector('.field [role=alert]')?.textContent).toBe('报文须为十六进制');
  expect(box().getAttribute('aria-invalid')).toBe('true');
  setLang('en');
  await nextTick();
  expect(host.querySelector('.field [role=alert]')?.textContent).toContain('hexadecimal');
});

test('too much is not sent and leaves the address', async () => {
  await open(`/tools/frames?hex=${SAMPLE}`);
  asked.mockReset();
  await type('7E'.repeat(8_193));
  await new Promise((resolve) => setTimeout(resolve, 330));
  expect(host.querySelector('.field [role=alert]')?.textContent).toContain('最多 16384 个');
  expect(asked).not.toHaveBeenCalled();
  expect(router.currentRoute.value.fullPath).toBe('/tools/frames');
  expect(box().value).toHaveLength(16_386);
});

test('locations of a batch are grouped, and many frames come in portions', async () => {
  answer = () => Array.from({ length: 23 }, batchFrame);
  await open('/tools/frames?hex=7E7E');
  const first = host.querySelector('[data-frame="1"]');
  expect(
    [...(first?.querySelectorAll('.location') ?? [])].map((one) => one.textContent?.trim()),
  ).toEqual(['第 1 个位置 偏移 5–10', '第 2 个位置 偏移 11–12']);
  expect(host.querySelectorAll('[data-frame]')).toHaveLength(20);
  expect(host.querySelector('.sum')?.textContent).toContain('共 23 帧');
  expect(host.querySelector('.sum')?.textContent).toContain('46 处错误');
  button('再显示 3 帧')?.click();
  await nextTick();
  expect(host.querySelectorAll('[data-frame]')).toHaveLength(23);
});

import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type App, createApp, h } from 'vue';
import { i18n, setLang } from '../../i18n';
import ImportDialog from './ImportDialog.vue';

const TRIED = { rows: 3, good: 2, bad: 1, created: 0, problems: [], report: null };

let app: App;
let host: HTMLElement;
let server: ReadableStreamDefaultController<Uint8Array>;
const [imported, close] = [vi.fn(), vi.fn()];
const fetched = vi.fn<(path: string, init: RequestInit) => Promise<Response>>();

beforeEach(() => {
  setActivePinia(createPinia());
  setLang('zh');
  for (const mock of [imported, close, fetched]) mock.mockReset();
  fetched.mockImplementation(async (_path, { signal }) => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        server = controller;
        signal?.addEventListener('abort', () => controller.error(signal.reason));
      },
    });
    return { ok: true, status: 200, body } as Response;
  });
  vi.stubGlobal('fetch', fetched);
  host = document.createElement('div');
  document.body.append(host);
  const props = { kind: 'room', title: '房间', onImported: imported, onClose: close };
  app = createApp({ render: () => h(ImportDialog, props) }).use(i18n);
  app.mount(host);
});

afterEach(() => {
  app.unmount();
  host.remove();
  vi.unstubAllGlobals();
});

const settled = () => new Promise((resolve) => setTimeout(resolve));
const bar = () => host.querySelector('[role="progressbar"]');
const button = (name: string) =>
  [...host.querySelectorAll('button')].find(
    (one) => (one.textContent?.trim() || one.ariaLabel) === name,
  );

async function press(name: string) {
  button(name)?.click();
  await settled();
}

async function tell(line: object) {
  server.enqueue(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
  await settled();
}

async function choose() {
  const input = host.querySelector('input') as HTMLInputElement;
  const files = [new File(['x'], '房间.xlsx')];
  Object.defineProperty(input, 'files', { value: files, configurable: true });
  input.dispatchEvent(new Event('change'));
  await settled();
}

async function write() {
  await choose();
  await tell({ outcome: TRIED });
  await press('导入 2 行');
}

test('the bar says how many rows are handled, while it is tried and while it is written', async () => {
  await choose();
  expect(fetched.mock.lastCall?.[0]).toContain('kind=room&dry_run=true&lang=zh');
  expect(host.textContent).toContain('正在上传并读取表格');
  await tell({ rows: 100_000, done: 4200 });
  expect(host.textContent).toContain('已处理 4,200 / 100,000 行');
  const value = (name: string) => bar()?.getAttribute(name);
  expect(value('aria-label')).toBe('试算进度');
  expect(['min', 'now', 'max'].map((end) => value(`aria-value${end}`))).toEqual([
    '0',
    '4200',
    '100000',
  ]);
  expect(bar()?.querySelector('div')?.style.width).toBe('4.2%');
  await tell({ outcome: TRIED });
  expect(bar()).toBeNull();
  expect(host.textContent).toContain('试算完成：共 3 行，可导入 2 行，有问题 1 行。');

  await press('导入 2 行');
  expect(fetched.mock.lastCall?.[0]).toContain('dry_run=false');
  expect(value('aria-label')).toBe('导入进度');
  await tell({ outcome: { ...TRIED, created: 2 } });
  expect(host.textContent).toContain('已导入 2 件');
  expect(imported).toHaveBeenCalledOnce();
});

test('a stopped trial says what became of it, and can be tried again', async () => {
  await choose();
  await tell({ rows: 3, done: 1 });
  await press('停止');
  expect(fetched.mock.lastCall?.[1].signal?.aborted).toBe(true);
  expect(bar()).toBeNull();
  expect(host.querySelector('[role="status"]')?.textContent).toBe(
    '已停止，未完成的导入不会写入任何数据',
  );
  expect(host.querySelector('[role="alert"]')).toBeNull();
  await press('重新试算');
  expect(bar()).not.toBeNull();
  expect(host.querySelector('[role="status"]')).toBeNull();
});

test('a stopped import keeps what the trial said, so that it can be imported after all', async () => {
  await write();
  await tell({ rows: 3, done: 1 });
  await press('停止');
  expect(host.textContent).toContain('已停止，未完成的导入不会写入任何数据');
  expect(button('导入 2 行')?.disabled).toBe(false);
  expect([imported, close].map((mock) => mock.mock.calls.length)).toEqual([0, 0]);
});

test('an import whose rows are all handled can no longer be stopped', async () => {
  await write();
  expect(button('停止')?.disabled).toBe(false);
  await tell({ rows: 3, done: 3 });
  expect(button('停止')?.disabled).toBe(true);
});

test('to close during a trial is to stop it; during an import it is asked first', async () => {
  await choose();
  await press('取消');
  expect(close).toHaveBeenCalledOnce();
  close.mockReset();

  await tell({ outcome: TRIED });
  await press('导入 2 行');
  await press('取消');
  expect(host.textContent).toContain('停止导入？');
  expect(fetched.mock.lastCall?.[1].signal?.aborted).toBe(false);
  const form = host.querySelector('form');
  form?.dispatchEvent(new Event('submit', { cancelable: true }));
  await settled();
  expect(fetched.mock.lastCall?.[1].signal?.aborted).toBe(true);
  expect(close).toHaveBeenCalledOnce();
});

test('the question goes away with the import that it is about', async () => {
  await write();
  await press('取消');
  await tell({ outcome: { ...TRIED, created: 2 } });
  expect(host.textContent).not.toContain('停止导入？');
  expect(host.textContent).toContain('已导入 2 件');
  expect(close).not.toHaveBeenCalled();
});

test('a file picker that is left without a choice does not close the dialog', async () => {
  host.querySelector('input')?.dispatchEvent(new Event('cancel', { bubbles: true }));
  expect(close).not.toHaveBeenCalled();
});

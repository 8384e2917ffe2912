import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type App, createApp, h, nextTick } from 'vue';
import { ApiProblem } from '../../api';
import type { Field, FieldType, Kind } from '../../api/modules';
import { i18n, setLang } from '../../i18n';
import DocumentForm from './DocumentForm.vue';
import { emptyDraft, type Payload } from './draft';

const field = (name: string, type: FieldType, more: Partial<Field> = {}): Field => ({
  name,
  title: { zh: name, en: name },
  type,
  need: 'optional',
  listed: false,
  derived: false,
  ...more,
});

const options = ['a', 'b'].map((value) => ({ value, title: { zh: value, en: value } }));
const kind = {
  kind: 'any',
  title: { zh: '单', en: 'Any' },
  links: { least: 0, most: 0, kinds: [] },
  fields: [
    field('reason', 'text', { need: 'required' }),
    field('level', 'choice', { options }),
    field('area', 'area'),
    field('begin', 'date'),
    field('urgent', 'boolean'),
    field('contact', 'person'),
    field('total', 'area', { derived: true }),
  ],
  lines: null,
} as unknown as Kind;

let app: App;
let host: HTMLElement;
const send = vi.fn<(payload: Payload) => Promise<unknown>>();

beforeEach(() => {
  const pinia = createPinia();
  setActivePinia(pinia);
  setLang('zh');
  send.mockReset().mockResolvedValue(undefined);
  host = document.createElement('div');
  document.body.append(host);
  const root = () => h(DocumentForm, { kind, start: emptyDraft(kind), submit: '保存', send });
  // Without a router there is no page to leave, which it says.
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  app = createApp({ render: root }).use(pinia).use(i18n);
  app.mount(host);
});

afterEach(() => {
  app.unmount();
  host.remove();
  vi.restoreAllMocks();
});

const input = (label: string) => {
  const found = [...host.querySelectorAll('label')].find((one) => one.textContent?.includes(label));
  return host.querySelector(`[id="${found?.getAttribute('for')}"]`) as HTMLInputElement;
};

async function type(label: string, text: string) {
  const box = input(label);
  box.value = text;
  box.dispatchEvent(new Event('input'));
  box.dispatchEvent(new Event('change'));
  await nextTick();
}

async function submit() {
  host.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }));
  await new Promise((resolve) => setTimeout(resolve));
}

test('what the server fills in is not asked for', () => {
  expect(host.textContent).toContain('area');
  expect(host.textContent).not.toContain('total');
});

test('an incomplete form is not sent, and the focus goes to what is missing', async () => {
  await submit();
  expect(send).not.toHaveBeenCalled();
  expect(host.textContent).toContain('请填写reason');
  expect(document.activeElement).toBe(input('reason'));
});

test('every type of field becomes the value of the contract', async () => {
  await type('reason', ' 搬迁 ');
  await type('area', '1,200.5');
  await type('begin', '20261125');
  (host.querySelector('input[type="radio"][value="b"]') as HTMLInputElement).click();
  (host.querySelector('input[type="checkbox"]') as HTMLInputElement).click();
  await nextTick();
  await submit();
  expect(send).toHaveBeenCalledWith(
    {
      body: { reason: '搬迁', level: 'b', area: '1200.5', begin: '2026-11-25', urgent: true },
      feature_ids: [],
    },
    'stay',
  );
});

test('what the server refuses stands at its field until that is changed', async () => {
  const message = { zh: '超过限额', en: 'over the limit' };
  const other = { zh: '已有同类申请', en: 'there is one already' };
  send.mockRejectedValue(
    new ApiProblem({
      type: '',
      status: 422,
      code: 'invalid-document',
      title: message,
      detail: message,
      errors: [{ field: 'body.area', message }, { message: other }],
    }),
  );
  await type('reason', '搬迁');
  await submit();
  expect(document.activeElement).toBe(input('area'));
  expect(input('area').closest('.field')?.textContent).toContain('超过限额');
  expect(host.querySelector('.rest')?.textContent).toContain('已有同类申请');
  setLang('en');
  await nextTick();
  expect(input('area').closest('.field')?.textContent).toContain('over the limit');
  await type('area', '10');
  expect(input('area').closest('.field')?.textContent).not.toContain('over the limit');
});

import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type App, createApp, h } from 'vue';
import { ApiProblem } from '../../api';
import type { Field, Plan } from '../../api/modules';
import { i18n, setLang } from '../../i18n';
import ActionDialog, { type ActionInput } from './ActionDialog.vue';

const reason = {
  name: 'reason',
  title: { zh: '理由', en: 'Reason' },
  type: 'text',
  need: 'required',
  listed: false,
  derived: false,
} as Field;

let app: App;
let host: HTMLElement;
const run = vi.fn<(input: ActionInput) => Promise<unknown>>();

beforeEach(() => {
  setActivePinia(createPinia());
  setLang('zh');
  run.mockReset().mockResolvedValue(undefined);
  host = document.createElement('div');
  document.body.append(host);
});

afterEach(() => {
  app.unmount();
  host.remove();
});

function open(plan: Plan | null) {
  const root = () =>
    h(ActionDialog, { title: '提交', confirm: '提交', patch: [reason], plan, body: {}, run });
  app = createApp({ render: root }).use(i18n);
  app.mount(host);
}

function type(selector: string, text: string) {
  const box = host.querySelector(selector) as HTMLInputElement;
  box.value = text;
  box.dispatchEvent(new Event('input'));
}

async function submit() {
  host.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }));
  await new Promise((resolve) => setTimeout(resolve));
}

test('the fields, the comment and nobody chosen go along as they were given', async () => {
  open(null);
  type('input', '搬迁');
  type('textarea', ' 请尽快 ');
  await submit();
  expect(run).toHaveBeenCalledWith({ patch: { reason: '搬迁' }, comment: '请尽快', choose: {} });
});

test('a step that leaves its approvers open is not begun without one', async () => {
  const step = { name: 'head', title: { zh: '处长', en: 'Head' }, chosen: true };
  open({ name: 'plan', steps: [step] } as unknown as Plan);
  type('input', '搬迁');
  await submit();
  expect(run).not.toHaveBeenCalled();
  expect(host.textContent).toContain('请选择审批人');
});

test('what the server says of the comment goes once the comment is changed', async () => {
  const message = { zh: '说明太短', en: 'Too short' };
  const fault = new ApiProblem({
    type: '',
    status: 422,
    code: 'invalid-document',
    title: message,
    detail: message,
    errors: [{ field: 'comment', message }],
  });
  run.mockRejectedValueOnce(fault);
  open(null);
  type('input', '搬迁');
  await submit();
  expect(host.querySelector('textarea')?.getAttribute('aria-invalid')).toBe('true');
  type('textarea', '请在月底前办结');
  await new Promise((resolve) => setTimeout(resolve));
  expect(host.querySelector('textarea')?.getAttribute('aria-invalid')).toBeNull();
});

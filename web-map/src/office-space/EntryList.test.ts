import { afterEach, beforeEach, expect, test } from 'vitest';
import { type App, createApp, h } from 'vue';
import type { SpaceEntry } from '../api/space';
import { i18n, setLang } from '../i18n';
import EntryList from './EntryList.vue';

const entry = (more: Partial<SpaceEntry>): SpaceEntry => ({
  from: '2026-01-05',
  until: null,
  posted_at: '2026-01-05T08:00:00+08:00',
  doc_id: null,
  number: null,
  kind_title: null,
  purpose: { zh: '分配', en: 'Allocation' },
  actor: 'supervisor',
  m2: '12.50',
  ...more,
});

let app: App;
let host: HTMLElement;

beforeEach(() => {
  setLang('zh');
  host = document.createElement('div');
});

afterEach(() => app.unmount());

function show(...entries: SpaceEntry[]) {
  app = createApp({ render: () => h(EntryList, { entries }) }).use(i18n);
  app.component('RouterLink', { render: () => null });
  app.mount(host);
  return [...host.querySelectorAll('li')];
}

test('an entry names who has made it, and keeps the login for whoever points at it', () => {
  const [row] = show(entry({ actor_name: '示例主管' }));
  expect(row?.textContent).toContain('示例主管');
  expect(row?.textContent).not.toContain('supervisor');
  expect(row?.querySelector('[title]')?.getAttribute('title')).toBe('supervisor');
});

test('a login without a name is shown itself, and the program by its word', () => {
  const [latest, first] = show(
    entry({ actor: 'program', actor_name: '' }),
    entry({ actor_name: '', posted_at: '2026-02-01T08:00:00+08:00' }),
  );
  expect(latest?.textContent).toContain('supervisor');
  expect(first?.textContent).toContain('系统');
});

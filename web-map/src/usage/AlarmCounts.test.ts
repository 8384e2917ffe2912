import { afterEach, beforeEach, expect, test } from 'vitest';
import { type App, createApp, h } from 'vue';
import { i18n, setLang } from '../i18n';
import AlarmCounts from './AlarmCounts.vue';

let app: App;
let host: HTMLElement;

beforeEach(() => {
  setLang('zh');
  host = document.createElement('div');
});

afterEach(() => app.unmount());

function show(severe: number, warning: number) {
  const alarms = { severe, warning, notice: 0 };
  app = createApp({ render: () => h(AlarmCounts, { alarms, pathOf: () => null }) }).use(i18n);
  app.mount(host);
}

test('no alarms are 0, as other figures are', () => {
  show(0, 0);
  expect(host.textContent?.trim()).toBe('0');
});

test('levels without an alarm are left out', () => {
  show(0, 3);
  expect(host.querySelectorAll('.count')).toHaveLength(1);
  expect(host.querySelector('.count')?.textContent).toContain('3');
});

import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type App, createApp, h, nextTick, ref } from 'vue';
import { i18n, setLang } from '../../i18n';
import type { Chip } from './ChipList.vue';
import ChipPicker from './ChipPicker.vue';

let app: App;
let host: HTMLElement;
const chips = ref<Chip[]>([]);

beforeEach(() => {
  setLang('zh');
  setActivePinia(createPinia());
  host = document.createElement('div');
  document.body.append(host);
  const root = () =>
    h(ChipPicker, {
      label: '人员',
      chips: chips.value,
      most: 2,
      find: async () => [],
      placeholder: '',
      dropName: (name: string) => `去掉${name}`,
      error: '',
      onDrop: (id: number) => {
        chips.value = chips.value.filter((chip) => chip.id !== id);
      },
    });
  app = createApp({ render: root }).use(i18n);
});

afterEach(() => {
  app.unmount();
  host.remove();
});

test('the box is there while one more fits, and takes the focus of a chip that is dropped', async () => {
  chips.value = [
    { id: 1, name: '甲' },
    { id: 2, name: '乙' },
  ];
  app.mount(host);
  expect(host.querySelector('[role="combobox"]')).toBeNull();
  const button = host.querySelector<HTMLButtonElement>('[aria-label="去掉乙"]');
  button?.focus();
  button?.click();
  await nextTick();
  await nextTick();
  expect(host.textContent).not.toContain('乙');
  expect(document.activeElement).toBe(host.querySelector('[role="combobox"]'));
});

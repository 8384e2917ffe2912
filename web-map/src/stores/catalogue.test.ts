import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { useCatalogue } from './catalogue';
import { useView } from './view';

const layer = (layer_id: string, group: string, visible: boolean) => ({
  layer_id,
  visible,
  group: { id: group, title: { zh: group, en: group } },
});
const layers = [
  layer('rooms', 'space', true),
  layer('use', 'theme', false),
  layer('over', 'theme', false),
];

beforeEach(() => setActivePinia(createPinia()));
afterEach(() => void vi.unstubAllGlobals());

const answer = (status: number, body: object) =>
  vi.stubGlobal('fetch', async () => new Response(JSON.stringify(body), { status }));

async function loaded() {
  const catalogue = useCatalogue();
  await vi.waitFor(() => expect(catalogue.loading).toBe(false));
  return catalogue;
}

test('until it is known which layers are hidden at first, none is drawn', async () => {
  answer(200, { layers });
  const catalogue = useCatalogue();
  expect(['rooms', 'use'].map(catalogue.isVisible)).toEqual([false, false]);
  await loaded();
  expect(['rooms', 'use', 'plates'].map(catalogue.isVisible)).toEqual([true, false, true]);
});

test('without a catalogue the map is drawn all the same', async () => {
  answer(500, { code: 'internal', detail: {} });
  const catalogue = await loaded();
  expect(catalogue.isVisible('rooms')).toBe(true);
});

test('of the themes in an address one is shown, and another one takes its place', async () => {
  answer(200, { layers });
  useView().layers = { over: true, use: true };
  const catalogue = await loaded();
  expect(['use', 'over'].map(catalogue.isVisible)).toEqual([true, false]);
  catalogue.setLayer('over', true);
  expect(['use', 'over'].map(catalogue.isVisible)).toEqual([false, true]);
  expect(catalogue.theme?.layer_id).toBe('over');
});

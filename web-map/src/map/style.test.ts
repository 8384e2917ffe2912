import type { StyleSpecification } from 'maplibre-gl';
import { expect, test } from 'vitest';
import { absoluteUrl, noticeOf, prepareStyle } from './style';

const style = {
  version: 8,
  metadata: { 'onemap:notice': { zh: '示例数据（虚构）', en: 'Sample data (fictional)' } },
  'font-faces': { 'Noto Sans SC': [{ url: '/fonts/a.woff2', 'unicode-range': ['U+4E00'] }] },
  sources: {
    buildings: { type: 'vector', url: '/tiles/buildings.json' },
    rooms: { type: 'vector', tiles: ['/tiles/rooms/{z}/{x}/{y}'] },
  },
  layers: [
    { id: 'background', type: 'background' },
    { id: 'b', type: 'fill', source: 'buildings', 'source-layer': 'buildings' },
    {
      id: 'r',
      type: 'fill',
      source: 'rooms',
      'source-layer': 'rooms',
      filter: ['==', ['get', 'status'], 'used'],
      paint: { 'fill-color': '#ccc' },
    },
    { id: 'label', type: 'symbol', source: 'rooms', 'source-layer': 'rooms' },
  ],
} as StyleSpecification;

const choice = { name: 'light', origin: 'http://map.test', isVisible: () => true } as const;
const layer = (prepared: StyleSpecification, id: string) =>
  prepared.layers.find((one) => one.id === id) as unknown as Record<string, unknown>;

test('addresses become absolute and keep their braces', () => {
  const prepared = prepareStyle(style, choice);
  expect(prepared.sources.rooms).toMatchObject({
    tiles: ['http://map.test/tiles/rooms/{z}/{x}/{y}'],
  });
  expect(prepared.sources.buildings).toMatchObject({ url: 'http://map.test/tiles/buildings.json' });
  expect(JSON.stringify(prepared['font-faces'])).toContain('http://map.test/fonts/a.woff2');
  expect(absoluteUrl('https://tiles.test/{z}', 'http://map.test')).toBe('https://tiles.test/{z}');
});

test('rooms show on the open floor only, beside the filter they had', () => {
  const filter = JSON.stringify(layer(prepareStyle(style, choice), 'r').filter);
  expect(filter).toContain('["get","status"]');
  expect(filter).toContain('["global-state","om_building"]');
  expect(filter).toContain('["global-state","om_ordinal"]');
});

test('rooms take the colour of their organisation', () => {
  expect(JSON.stringify(layer(prepareStyle(style, choice), 'r').paint)).toContain('org_color');
});

test('a hidden layer hides its labels and its marks too', () => {
  const prepared = prepareStyle(style, { ...choice, isVisible: (id) => id !== 'rooms' });
  for (const id of ['r', 'label', 'om-mark-rooms']) {
    expect(layer(prepared, id).layout, id).toMatchObject({ visibility: 'none' });
  }
  expect(layer(prepared, 'b').layout).toBeUndefined();
});

test('marks stand above the areas and below the first label', () => {
  const order = prepareStyle(style, choice).layers.map(({ id }) => id);
  expect(order).toEqual(['background', 'b', 'r', 'om-mark-buildings', 'om-mark-rooms', 'label']);
});

test('the style it came from is left as it was', () => {
  const before = JSON.stringify(style);
  prepareStyle(style, { ...choice, isVisible: () => false });
  expect(JSON.stringify(style)).toBe(before);
});

test('the notice comes in both languages, in one, or not at all', () => {
  expect(noticeOf(style)).toEqual({ zh: '示例数据（虚构）', en: 'Sample data (fictional)' });
  expect(noticeOf({ ...style, metadata: { 'onemap:notice': '示例' } })).toBe('示例');
  expect(noticeOf({ ...style, metadata: {} })).toBeNull();
});

import type { StyleSpecification } from 'maplibre-gl';
import { expect, test } from 'vitest';
import { absoluteUrl, noticeOf, prepareStyle } from './style';

const style = {
  version: 8,
  metadata: { 'onemap:notice': { zh: '示例数据（虚构）', en: 'Sample data (fictional)' } },
  sprite: '/sprites/icons?v=1',
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
    {
      id: 'block',
      type: 'fill-extrusion',
      source: 'buildings',
      'source-layer': 'buildings',
      layout: { visibility: 'none' },
    },
    { id: 'label', type: 'symbol', source: 'rooms', 'source-layer': 'rooms' },
  ],
} as StyleSpecification;

const choice = { origin: 'http://map.test', isVisible: () => true, isTilted: false } as const;
const layer = (prepared: StyleSpecification, id: string) =>
  prepared.layers.find((one) => one.id === id) as unknown as Record<string, unknown>;

test('addresses become absolute and keep their braces', () => {
  const prepared = prepareStyle(style, choice);
  expect(prepared.sources.rooms).toMatchObject({
    tiles: ['http://map.test/tiles/rooms/{z}/{x}/{y}'],
  });
  expect(prepared.sources.buildings).toMatchObject({ url: 'http://map.test/tiles/buildings.json' });
  expect(JSON.stringify(prepared['font-faces'])).toContain('http://map.test/fonts/a.woff2');
  expect(prepared.sprite).toBe('http://map.test/sprites/icons?v=1');
  expect(absoluteUrl('https://tiles.test/{z}', 'http://map.test')).toBe('https://tiles.test/{z}');
});

test('a hidden layer hides its labels and its marks too', () => {
  const prepared = prepareStyle(style, { ...choice, isVisible: (id) => id !== 'rooms' });
  for (const id of ['r', 'label']) {
    expect(layer(prepared, id).layout, id).toMatchObject({ visibility: 'none' });
  }
  expect(layer(prepared, 'b').layout).toMatchObject({ visibility: 'visible' });
});

test('buildings stand up in a tilted view, but never the one whose floors are open', () => {
  const flat = layer(prepareStyle(style, choice), 'block');
  const tilted = layer(prepareStyle(style, { ...choice, isTilted: true }), 'block');
  expect(flat.layout).toMatchObject({ visibility: 'none' });
  expect(tilted.layout).toMatchObject({ visibility: 'visible' });
  expect(tilted.filter).toEqual(['!=', ['id'], ['global-state', 'om_building']]);
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

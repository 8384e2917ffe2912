import type { StyleSpecification } from 'maplibre-gl';
import { expect, test } from 'vitest';
import { basesOf, drawnBase, isBase, withBase } from './bases';

const bases = ['base.streets', 'base.photo'].map((id) => ({ id, title: id, attribution: '' }));

test('the first base map is drawn until another is chosen, or none', () => {
  expect(drawnBase(bases, {})?.id).toBe('base.streets');
  for (const chosen of ['base.streets', 'base.photo', null]) {
    expect(drawnBase(bases, withBase(bases, {}, chosen))?.id ?? null).toBe(chosen);
  }
});

test('a choice takes the place of the one before, and leaves layers alone', () => {
  const photo = withBase(bases, { rooms: false }, 'base.photo');
  expect(photo).toEqual({ rooms: false, 'base.photo': true });
  expect(withBase(bases, photo, null)).toEqual({ rooms: false, 'base.streets': false });
  expect(withBase(bases, photo, 'base.streets')).toEqual({ rooms: false });
});

test('without base maps there is nothing to draw and nothing to choose', () => {
  expect(drawnBase([], { 'base.photo': true })).toBeNull();
  expect(withBase([], { rooms: true, 'base.photo': true }, null)).toEqual({ rooms: true });
});

test('an address may name a base map that is no longer there', () => {
  expect(drawnBase(bases, { 'base.gone': true })?.id).toBe('base.streets');
});

test('base maps come from the style, and no layer is taken for one', () => {
  const style = {
    version: 8,
    metadata: { 'onemap:bases': [{ id: 'base.photo', title: '航拍', attribution: '© 测绘院' }] },
    sources: {},
    layers: [],
  } as StyleSpecification;
  expect(basesOf(style)).toEqual([{ id: 'base.photo', title: '航拍', attribution: '© 测绘院' }]);
  expect(basesOf({ ...style, metadata: {} })).toEqual([]);
  expect(isBase('base.photo')).toBe(true);
  expect(isBase('base')).toBe(false);
  expect(isBase('basements')).toBe(false);
});

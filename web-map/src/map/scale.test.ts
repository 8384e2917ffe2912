import { expect, test } from 'vitest';
import { scaleBar } from './scale';

test('the bar is a round length that fits', () => {
  for (let zoom = 0; zoom <= 20; zoom += 0.5) {
    const { px, label } = scaleBar(31, zoom, 96);
    expect(px).toBeGreaterThan(30);
    expect(px).toBeLessThanOrEqual(96);
    expect(label).toMatch(/^[125]0* k?m$|^0\.[125] m$/);
  }
});

test('at zoom 0 the equator is 512 pixels long, so 64 of them are 5000 km', () => {
  expect(scaleBar(0, 0, 96)).toEqual({ px: 64, label: '5000 km' });
});

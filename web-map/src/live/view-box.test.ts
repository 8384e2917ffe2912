import { expect, it } from 'vitest';
import { covers, type View, withMargin } from './view-box';

const VIEW: View = { bbox: [116, 39, 117, 40], zoom: 12 };
const asked = withMargin(VIEW);
const shifted = (lon: number, zoom = 12): View => ({ bbox: [116 + lon, 39, 117 + lon, 40], zoom });

it('a short pan needs no new answer, a long one does', () => {
  expect(covers(asked, VIEW)).toBe(true);
  expect(covers(asked, shifted(0.19))).toBe(true);
  expect(covers(asked, shifted(0.21))).toBe(false);
});

it('zooming in far asks for less', () => {
  expect(covers(asked, { bbox: [116.4, 39.4, 116.6, 39.6], zoom: 13 })).toBe(true);
  expect(covers(asked, { bbox: [116.4, 39.4, 116.6, 39.6], zoom: 14 })).toBe(false);
});

it('a view wider than the world is covered by the whole world', () => {
  const world: View = { bbox: [-250, -95, 250, 95], zoom: 0 };
  expect(withMargin(world).bbox).toEqual([-180, -90, 180, 90]);
  expect(covers(withMargin(world), world)).toBe(true);
});

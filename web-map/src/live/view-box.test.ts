import { expect, it } from 'vitest';
import { answers, covers, type View, withMargin } from './view-box';

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

it('clusters are asked for again at the next whole zoom, vehicles are not', () => {
  const far = withMargin({ bbox: [104, 35, 107, 37], zoom: 7.4 });
  const nearer = (zoom: number): View => ({ bbox: [105, 35.5, 106, 36.5], zoom });
  expect(answers(far, nearer(7.9), 10)).toBe(true);
  expect(answers(far, nearer(8.1), 10)).toBe(false);
  expect(answers(far, nearer(6.9), 10)).toBe(false);
  expect(answers(far, nearer(8.1), null)).toBe(true);
  expect(answers(far, { bbox: [103, 35, 106, 37], zoom: 7.4 }, 10)).toBe(false);
});

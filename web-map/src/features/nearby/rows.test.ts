import { expect, test } from 'vitest';
import { current } from '../vehicles/current';
import type { Answer, Found } from './answer';
import { foundFeatures } from './marks';
import { fileText, marksOf, measureText } from './rows';
import { vehicle } from './vehicle.fixture';

const found = (distanceM: number | null, alongM: number | null): Found => ({
  vehicle: vehicle(1, { plate: '示A·1***1' }),
  distanceM,
  alongM,
});
const answer = (form: Answer['form'], one: Found): Answer => ({
  form,
  total: 1,
  byStatus: null,
  found: [one],
});

test('how far it is, is told in metres and from a kilometre on in kilometres', () => {
  expect(measureText(found(830.4, null))).toBe('830 米');
  expect(measureText(found(35.2, 1_240))).toBe('1.2 公里处，偏离 35 米');
  expect(measureText(found(null, null))).toBe('');
});

test('a file has what is measured by the form of the question, and masked plates as they are', () => {
  expect(fileText(answer('point', found(123.4, null)))).toBe(
    '\uFEFF车牌,名称,车型,所属单位,状态,距离（米）,经度,纬度,定位时间\r\n' +
      '示A·1***1,公务车,轿车,机关事务局,停驻,123,105.1,36.2,2026-11-27 08:15:30\r\n',
  );
  expect(fileText(answer('corridor', found(35.2, 812)))).toContain(',停驻,812,35,105.1,');
  expect(fileText(answer('circle', found(null, null)))).toContain(',停驻,105.1,36.2,');
});

test('a mark is where the vehicle is now; a way leads to it from a point, and nowhere without a position', () => {
  const row = { ...found(123.4, null), ageMs: 0 };
  const somewhere = { ...row, now: current(row.vehicle, null) };
  const nowhere = { ...row, now: { ...somewhere.now, lon: null, lat: null } };
  const marks = marksOf([somewhere, nowhere]);
  expect(marks).toEqual([{ id: 1, at: [105.1, 36.2], label: '123 米' }]);
  const features = (from: [number, number] | null) =>
    foundFeatures(marks, from, 1).features.map(({ geometry, properties }) => [
      geometry.type,
      properties?.hovered,
    ]);
  expect(features([105, 36])).toEqual([
    ['LineString', true],
    ['Point', true],
  ]);
  expect(features(null)).toEqual([['Point', true]]);
});

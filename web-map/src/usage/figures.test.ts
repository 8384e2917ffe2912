import { expect, test } from 'vitest';
import {
  alarmCount,
  consumption,
  deviation,
  excess,
  isDeviant,
  isExcessive,
  outsideShare,
} from './figures';
import { figuresOf } from './usage.fixture';

test('litres per 100 km are of the trips that tell both', () => {
  expect(consumption(figuresOf({ fuel_l: 48, fuel_km: 480 }))).toBeCloseTo(10);
  expect(consumption(figuresOf({ fuel_l: null }))).toBeNull();
  expect(consumption(figuresOf({ fuel_l: 0, fuel_km: 0 }))).toBeNull();
});

test('odometer and track are held against each other over the same trips only', () => {
  expect(deviation(figuresOf({ odometer_km: 530 }))).toBeCloseTo(0.06);
  expect(deviation(figuresOf({ odometer_km: 530, odometer_trips: 30 }))).toBeNull();
  const partial = figuresOf({ odometer_km: 441, odometer_trips: 30, odometer_track_km: 490 });
  expect(deviation(partial)).toBeCloseTo(-0.1);
  expect(deviation(figuresOf({ odometer_km: null }))).toBeNull();
  expect(isDeviant(partial)).toBe(true);
  expect(isDeviant(figuresOf({ odometer_km: 524 }))).toBe(false);
  expect(isDeviant(figuresOf({ odometer_km: null }))).toBe(false);
});

test('fuel that was filled in is held against what all trips have used', () => {
  // 10 l per 100 km over 500 km.
  expect(excess(figuresOf({ refuelled_l: 60 }), 30)).toBeCloseTo(0.2);
  expect(isExcessive(figuresOf({ refuelled_l: 61 }), 30)).toBe(true);
  expect(isExcessive(figuresOf({ refuelled_l: 59 }), 30)).toBe(false);
  expect(excess(figuresOf({ fuel_l: null, refuelled_l: 70 }), 30)).toBeNull();
});

test('a tank that was filled yesterday is no excess', () => {
  expect(excess(figuresOf({ refuelled_l: 70 }), 6)).toBeNull();
  expect(isExcessive(figuresOf({ refuelled_l: 70 }), 7)).toBe(true);
});

test('alarms are counted together, and a share needs a way', () => {
  expect(alarmCount(figuresOf({ alarms: { severe: 1, warning: 2, notice: 3 } }))).toBe(6);
  expect(outsideShare(figuresOf())).toBeCloseTo(0.082);
  expect(outsideShare(figuresOf({ outside_orders: null }))).toBeNull();
  expect(outsideShare(figuresOf({ distance_km: 0 }))).toBeNull();
});

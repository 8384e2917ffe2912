import { expect, test } from 'vitest';
import type { Fence } from '../api/fences';
import { type Draft, draftOf, faultsOf, planOf, withAsk } from './draft';
import { blank, type Sketch } from './sketch';

const circle: Sketch = { ...blank('circle'), points: [[105, 36]], metres: 300, isDone: true };
const whole: Draft = {
  name: ' 东门停车场 ',
  org: { id: 3, name: '公安局' },
  vehicles: [9],
  asks: ['enter', 'dwell'],
  dwellMin: '1.5',
  limitKmh: '30',
  isParking: false,
};

test('a whole draft is sent in seconds and without blanks', () => {
  expect(faultsOf(whole, circle)).toEqual({});
  expect(planOf(whole, circle)).toEqual({
    name: '东门停车场',
    org_id: 3,
    area: { drawn: { geometry: { type: 'Point', coordinates: [105, 36] }, metres: 300 } },
    asks: ['enter', 'dwell'],
    dwell_limit_s: 90,
    limit_kmh: 30,
    is_parking: false,
    vehicles: [9],
  });
});

test('everything that is wrong is told at once, each by its field', () => {
  const draft = { ...draftOf(null), asks: [], limitKmh: '' };
  expect(faultsOf(draft, blank('area'))).toEqual({
    name: 'name',
    org: 'org',
    asks: 'idle',
    drawn: 'drawn',
  });
  const odd = { ...whole, name: '长'.repeat(101), dwellMin: '九', limitKmh: '201' };
  expect(faultsOf(odd, circle)).toEqual({
    name: 'nameMost',
    dwellMin: 'dwellRange',
    limitKmh: 'limit',
  });
  expect(faultsOf({ ...whole, dwellMin: '' }, circle)).toEqual({ dwellMin: 'dwell' });
  expect(faultsOf({ ...whole, dwellMin: '14401' }, circle)).toEqual({ dwellMin: 'dwellRange' });
});

test('a fence that only limits the speed, or is only a car park, has a use', () => {
  const idle = { ...whole, asks: [], limitKmh: '' };
  expect(faultsOf({ ...idle, limitKmh: '40' }, circle)).toEqual({});
  expect(faultsOf({ ...idle, isParking: true }, circle)).toEqual({});
});

test('a limit of staying that nobody asks for is not sent', () => {
  const draft = { ...whole, asks: withAsk(whole, 'dwell', false), dwellMin: '九' };
  expect(faultsOf(draft, circle)).toEqual({});
  expect(planOf(draft, circle).dwell_limit_s).toBeNull();
  expect(withAsk({ ...whole, asks: ['leave'] }, 'enter', true)).toEqual(['enter', 'leave']);
});

test('what is on file fills the form', () => {
  const fence = {
    name: '东门',
    org: { org_id: 3, name: '公安局' },
    vehicles: [9, 8],
    asks: ['outside', 'enter'],
    dwell_limit_s: 100,
    limit_kmh: null,
    is_parking: true,
  } as unknown as Fence;
  expect(draftOf(fence)).toEqual({
    name: '东门',
    org: { id: 3, name: '公安局' },
    vehicles: [9, 8],
    asks: ['enter', 'outside'],
    dwellMin: '1.67',
    limitKmh: '',
    isParking: true,
  });
});

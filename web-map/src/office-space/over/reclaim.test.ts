import { expect, test } from 'vitest';
import type { OverStandard } from '../../api/space';
import { reclaimPath, roomToReclaim } from './reclaim';

const room = (feature_id: number, m2: string) => ({ feature_id, name: `${feature_id}`, m2 });

test('the smallest room that is enough is given up', () => {
  const rooms = [room(1, '30.00'), room(2, '9.50'), room(3, '12.00')];
  expect(roomToReclaim(rooms, 10)?.feature_id).toBe(3);
  expect(roomToReclaim(rooms, 9.5)?.feature_id).toBe(2);
});

test('where no room is enough it is the largest, and without rooms none', () => {
  expect(roomToReclaim([room(1, '5'), room(2, '8')], 40)?.feature_id).toBe(2);
  expect(roomToReclaim([], 1)).toBeNull();
});

test('the document begins with what is known', () => {
  const item = { staff_no: 'S7', org_id: 12, excess_m2: '3.50', rooms: [room(77, '21.50')] };
  expect(reclaimPath(item as OverStandard)).toEqual({
    path: '/modules/office_reclaim/new',
    query: { feature: '77', org: '12', staff_no: 'S7', cause: 'over' },
  });
});

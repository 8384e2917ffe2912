import { expect, test } from 'vitest';
import { alarmOf } from './alarm.fixture';
import { csvOf } from './rows';

test('a file says by name where it was, which fence and which order it is about', () => {
  const named = alarmOf(7, {
    rule: 'geofence',
    seen: { fence: 3, kind: 'enter' },
    site: { feature_id: 11, kind: 'building', name: '示例大楼' },
    fence: { fence_id: 3, name: '车队停车场' },
    order: { doc_id: 5, number: 'PC-2026-0001', title: '去示例县' },
  });
  const [head, first, second] = csvOf([named, alarmOf(6)])
    .trim()
    .split(/\r?\n/);
  expect(head).toContain('情况,地点,围栏,派车单,状态');
  expect(first).toContain(
    '驶入围栏“车队停车场”（派车单 PC-2026-0001）,示例大楼,车队停车场,PC-2026-0001,待确认',
  );
  expect(second).toContain(',超速,,,,待确认,');
});

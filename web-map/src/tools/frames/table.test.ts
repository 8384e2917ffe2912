import { expect, test } from 'vitest';
import type { Bilingual } from '../../api/types';
import { groupsOf, offsetText } from './groups';
import { kindsOf } from './kinds';
import { batchFrame, partsOf, sampleFrame } from './parts.fixture';
import { tableText } from './table-text';

const zh = (words: Bilingual) => words.zh;
const heads = { location: '位置', columns: ['偏移', '字节', '字段', '含义', '错误'] };

test('what an item holds is of the item, whatever it is called', () => {
  const kinds = kindsOf(sampleFrame().parts);
  expect(kinds.join(' ')).toBe(
    'flag header header header header body body body body body body body body ' +
      'item item item item item item checksum flag',
  );
});

test('what is left over behind the length of an item is not taken for the item', () => {
  const parts = partsOf([
    ['附加信息长度', 'item length', '', '', '需要1字节，只剩0字节'],
    ['校验码', 'checksum', '00'],
  ]);
  expect(kindsOf(parts)).toEqual(['item', 'checksum']);
});

test('the locations of a batch are groups of their own', () => {
  const groups = groupsOf(batchFrame().parts);
  expect(groups.map(({ location, rows }) => [location, rows.map(({ index }) => index)])).toEqual([
    [null, [0, 1, 2]],
    [1, [3, 4]],
    [2, [5]],
    [null, [6, 7]],
  ]);
  expect(groups.map(offsetText)).toEqual(['0–4', '5–10', '11–12', '13']);
});

test('a table is copied with its heads, a batch with which location', () => {
  const lines = tableText(sampleFrame('14').parts, heads, zh).split('\n');
  expect(lines[0]).toBe('偏移\t字节\t字段\t含义\t错误');
  expect(lines).toContain('22–25\t00 BA 7F 0E\t纬度\t12.222222° N\t');
  expect(lines).toContain('53\t14\t校验码\t\t应为 13');
  const batch = tableText(batchFrame().parts, heads, zh).split('\n');
  expect(batch[0]?.startsWith('位置\t偏移')).toBe(true);
  expect(batch).toContain('1\t7–10\t00 BA 7F 0E\t纬度\t12.222222° N\t');
  expect(batch).toContain('\t14\t\t标识位\t\t缺少标识位');
});

test('what a terminal sends is no formula and no cell more', () => {
  const parts = partsOf([['鉴权码', 'code', '3D31', '=1+1\tx\ny']]);
  expect(tableText(parts, heads, zh).split('\n')[1]).toBe("0–1\t3D 31\t鉴权码\t'=1+1 x y\t");
});

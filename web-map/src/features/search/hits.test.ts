import { expect, test } from 'vitest';
import type { SearchHit } from '../../api';
import { hitLine, markMatch } from './hits';

const hit: SearchHit = {
  feature_id: 7,
  kind: 'building',
  layer_id: 'buildings',
  name: '云州市机关办公楼',
  code: 'B-0007',
  lon: 120,
  lat: 30,
  matched: 'initials',
  subtitle: '所属 市机关事务管理局',
};
const zh = (name: { zh: string }) => name.zh;

test('the part that was asked for is marked', () => {
  expect(markMatch('云州市机关办公楼', '机关')).toEqual([
    { text: '云州市', matched: false },
    { text: '机关', matched: true },
    { text: '办公楼', matched: false },
  ]);
  expect(markMatch('云A0012', 'a00')[1]).toEqual({ text: 'A00', matched: true });
});

test('a name found by its initials says so', () => {
  expect(hitLine(hit, 'jgbgl', zh)).toMatchObject({
    title: [{ text: '云州市机关办公楼', matched: false }],
    subtitle: 'B-0007 · 所属 市机关事务管理局',
    reason: 'initials',
  });
});

test('what is plain to see needs no reason', () => {
  expect(hitLine({ ...hit, matched: 'number' }, '办公', zh).reason).toBeNull();
});

test('a code that is the name is not said twice', () => {
  expect(hitLine({ ...hit, code: hit.name, subtitle: null }, 'x', zh).subtitle).toBe('');
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import type { StandardSet } from '../api/standards';
import { setLang } from '../i18n';
import { lineFormula, valueWords } from './value-words';

const set = (code: string, bound: 'most' | 'least', zh: string) =>
  ({ code, bound, unit: { zh, en: 'm²' }, title: { zh, en: code }, items: [] }) as StandardSet;
const service = set('office.service_area', 'most', '平方米/人');

beforeEach(() => setLang('zh'));
afterEach(() => setLang('zh'));

test('the formula is that of the published table', () => {
  expect(lineFormula(['200', '8'], ['400', '6'], '人数')).toBe('(1000 − 人数) ÷ 100');
  expect(lineFormula(['100', '8'], ['200', '6'], '人数')).toBe('(500 − 人数) ÷ 50');
  expect(lineFormula(['200', '9'], ['400', '7'], '人数')).toBe('(1100 − 人数) ÷ 100');
});

test('a line that does not come out even, or rises, is written from its first point', () => {
  expect(lineFormula([100, 8], [250, 7.1], 'n')).toBe('8 − 0.006 × (n − 100)');
  expect(lineFormula([0, 1], [10, 2], 'n')).toBe('1 + 0.1 × (n − 0)');
});

test('limits say whether they are the most or the least', () => {
  expect(valueWords({ limit: '9' }, service)).toEqual(['不超过 9 平方米/人']);
  const ratio = set('office.usable_ratio', 'least', '使用面积/建筑面积');
  expect(valueWords({ limit: '0.60' }, ratio)).toEqual(['不低于 0.60 使用面积/建筑面积']);
});

test('a line is its ends and what is between them', () => {
  const line: [string, string][] = [
    ['200', '8'],
    ['400', '6'],
  ];
  expect(valueWords({ line }, service)).toEqual([
    '200 人及以下：8 平方米/人',
    '400 人及以上：6 平方米/人',
    '其间按直线内插：(1000 − 人数) ÷ 100',
  ]);
});

test('tiers count each part at its own rate', () => {
  const tiers: [string, string][] = [
    ['0', '40'],
    ['200', '38'],
  ];
  expect(valueWords({ tiers }, set('office.garage_area', 'most', '平方米/车位'))).toEqual([
    '200 车位以内的部分：每车位 40',
    '超过 200 车位的部分：每车位 38',
  ]);
});

import { beforeEach, expect, test } from 'vitest';
import type { Field, FieldType } from '../api/modules';
import { setLang } from '../i18n';
import { fullText, headingOf, plainText, valueText } from './value-text';

beforeEach(() => setLang('zh'));

const field = (type: FieldType, more: Partial<Field> = {}): Field => ({
  name: 'x',
  title: { zh: '面积', en: 'Area' },
  type,
  need: 'optional',
  listed: true,
  derived: false,
  ...more,
});

test('money is exact and has two places, also beyond what a float holds', () => {
  expect(valueText(field('money'), '12345678901234567.10')).toBe('12,345,678,901,234,567.10');
  expect(fullText(field('money'), '12.5')).toBe('12.50 元');
});

test('a choice reads as its title, and as itself when nobody knows it', () => {
  const level = field('choice', { options: [{ value: 'a', title: { zh: '甲', en: 'First' } }] });
  expect(valueText(level, 'a')).toBe('甲');
  expect(valueText(level, 'b')).toBe('b');
});

test('an id reads as the name that came with the document', () => {
  expect(valueText(field('org'), 12, { orgs: { 12: '市教育局' } })).toBe('市教育局');
  expect(valueText(field('org'), 13, { orgs: {} })).toBe('单位 13');
});

test('a date is a day of the calendar wherever it is read', () => {
  expect(valueText(field('date'), '2026-11-25')).toBe('2026/11/25');
  setLang('en');
  expect(valueText(field('date'), '2026-11-25')).toBe('25/11/2026');
});

test('a time is read by the clock of the city', () => {
  expect(valueText(field('moment'), '2026-11-25T09:30+08:00')).toBe('2026/11/25 09:30');
  expect(valueText(field('moment'), '明天')).toBe('明天');
});

test('no value is no text, but zero and no are values', () => {
  expect(valueText(field('text'), null)).toBe('');
  expect(valueText(field('integer'), 0)).toBe('0');
  expect(valueText(field('boolean'), false)).toBe('否');
});

test('a heading has the unit that its cells leave out', () => {
  expect(headingOf(field('area'))).toBe('面积（m²）');
  expect(headingOf(field('text'))).toBe('面积');
});

test('what changed never reads as code', () => {
  expect(plainText([1, '二', { zh: '三', en: 'three' }])).toBe('1、二、三');
  expect(plainText({ odd: 1 })).toBe('');
});

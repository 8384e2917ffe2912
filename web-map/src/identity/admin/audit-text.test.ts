import { beforeEach, expect, test } from 'vitest';
import { auditExportPath } from '../../api/audit';
import { setLang } from '../../i18n';
import { detailLines } from './audit-text';

beforeEach(() => setLang('zh'));

test('details are read in the language of the reader, in the order the server has them', () => {
  const detail = { reason: '核对车牌', permissions: ['read', 'track'] };
  expect(detailLines(detail)).toEqual([
    ['理由', '核对车牌'],
    ['权限', '查阅、车辆轨迹'],
  ]);
  setLang('en');
  expect(detailLines(detail)[1]).toEqual(['Permissions', 'Look, Vehicle tracks']);
});

test('a moment is shown on the clock of the reader', () => {
  const [[, text]] = detailLines({ until: '2026-11-24T03:00:00.123Z' }) as [[string, string]];
  expect(text).toMatch(/^2026\/11\/24 \d\d:00:00$/);
});

test('what nobody has named is shown as it is', () => {
  expect(detailLines({ nested: { a: 1 }, left: null })).toEqual([
    ['nested', '{"a":1}'],
    ['left', ''],
  ]);
});

test('a row without details has none', () => {
  expect(detailLines(null)).toEqual([]);
});

test('what is exported is what is asked for, and a filter that is empty is none', () => {
  expect(auditExportPath({ action: 'signed-in', actor: '张 三&x', lang: 'en' })).toBe(
    '/api/v1/audit/export?action=signed-in&actor=%E5%BC%A0+%E4%B8%89%26x&lang=en',
  );
  expect(auditExportPath({ action: '', actor: '' })).toBe('/api/v1/audit/export');
});

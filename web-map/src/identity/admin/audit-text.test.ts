import { expect, test } from 'vitest';
import { auditExportPath } from '../../api/audit';
import { detailLines } from './audit-text';

test('details are read in the order the server has them, and nested ones as they are', () => {
  expect(detailLines({ role_id: 'reader', org_id: 3, nested: { a: 1 } })).toEqual([
    ['role_id', 'reader'],
    ['org_id', '3'],
    ['nested', '{"a":1}'],
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

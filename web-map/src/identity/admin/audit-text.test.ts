import { expect, test } from 'vitest';
import type { AuditEntry } from '../../api/audit';
import { setLang } from '../../i18n';
import { auditCsv, detailLines } from './audit-text';

const ENTRY: AuditEntry = {
  audit_id: 17,
  at: '2026-11-24T03:00:00Z',
  actor: '=cmd',
  action: 'right-granted',
  title: { zh: '授予权限', en: 'Right granted' },
  target: 'county',
  outcome: 'refused',
  address: '10.0.0.1',
  detail: { role_id: 'reader', org_id: 3, nested: { a: 1 } },
};

test('what is shown is what is exported, in the language of the reader', () => {
  setLang('zh');
  const [head, first] = auditCsv([ENTRY]).slice(1).split('\r\n');
  expect(head).toBe('序号,时间,账号,操作,对象,结果,来源地址,详情');
  expect(first).toBe(
    '17,2026-11-24T03:00:00Z,\'=cmd,授予权限,county,拒绝,10.0.0.1,"role_id: reader\norg_id: 3\nnested: {""a"":1}"',
  );
});

test('a row without details has none', () => {
  expect(detailLines(null)).toEqual([]);
  expect(auditCsv([{ ...ENTRY, detail: {}, actor: null }])).toContain(
    '17,2026-11-24T03:00:00Z,,授予权限,county,拒绝,10.0.0.1,\r\n',
  );
});

/** A row of the audit log as text: for the fold below it and for the exported file. */
import type { AuditEntry } from '../../api/audit';
import { nameOf, t } from '../../i18n';
import { type Cell, csv } from './csv';

/** Key and value, in the order the server has them. */
export function detailLines(detail: AuditEntry['detail']): [string, string][] {
  return Object.entries(detail ?? {}).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
}

export function auditCsv(rows: AuditEntry[]): string {
  const head: Cell[] = [
    t('audit.number'),
    t('audit.at'),
    t('audit.who'),
    t('audit.what'),
    t('audit.target'),
    t('audit.outcome'),
    t('audit.address'),
    t('audit.detail'),
  ];
  const lines = rows.map((row): Cell[] => [
    row.audit_id,
    row.at,
    row.actor,
    nameOf(row.title),
    row.target,
    t(`audit.outcome.${row.outcome}`),
    row.address,
    detailLines(row.detail)
      .map(([key, value]) => `${key}: ${value}`)
      .join('\n') || null,
  ]);
  return csv([head, ...lines]);
}

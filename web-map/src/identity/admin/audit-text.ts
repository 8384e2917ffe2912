/** What a row of the audit log says below its fold. */
import type { AuditEntry } from '../../api/audit';

/** Key and value, in the order the server has them. */
export function detailLines(detail: AuditEntry['detail']): [string, string][] {
  return Object.entries(detail ?? {}).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
}

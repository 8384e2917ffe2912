/** What a row of the audit log says below its fold. */
import type { AuditEntry } from '../../api/audit';
import { PERMISSIONS, type Permission } from '../../api/session';
import { type MessageKey, t, zh } from '../../i18n';
import { formatSecond } from '../../ui/format';

const MOMENT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/** Key and value in the reader's language, in the order the server has them. What is not known is shown as it is. */
export function detailLines(detail: AuditEntry['detail']): [string, string][] {
  return Object.entries(detail ?? {}).map(([key, value]) => [keyText(key), valueText(value)]);
}

function keyText(key: string): string {
  const known = `audit.key.${key}`;
  return known in zh ? t(known as MessageKey) : key;
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return MOMENT.test(value) ? formatSecond(value) : value;
  if (Array.isArray(value)) return value.map(itemText).join(t('list.comma'));
  return value === null ? '' : JSON.stringify(value);
}

function itemText(item: unknown): string {
  if (PERMISSIONS.includes(item as Permission)) return t(`permission.${item as Permission}`);
  return typeof item === 'string' ? item : JSON.stringify(item);
}

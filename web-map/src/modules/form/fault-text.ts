/** A fault of a field that a form does not show, with the name of the field before it. */
import type { Field, Kind } from '../../api/modules';
import { nameOf, t } from '../../i18n';
import type { OtherFault } from './use-faults';

type Known = Pick<Kind, 'fields' | 'lines'>;

export function faultText({ path, message }: OtherFault, kind: Known | null): string {
  const name = kind ? nameOfPath(path, kind) : '';
  const text = nameOf(message);
  return name ? t('form.faultAt', { name, message: text }) : text;
}

/** `body.area` → 申请面积, `lines.0.area` → 第 1 行面积. Empty where nobody knows it. */
export function nameOfPath(path: string, { fields, lines }: Known): string {
  const [root = '', first = '', second = ''] = path.split('.');
  const titleIn = (some: readonly Field[], name: string) =>
    nameOf(some.find((field) => field.name === name)?.title);
  switch (root) {
    case 'body':
    case 'patch':
      return titleIn(fields, first);
    case 'lines': {
      const row = /^\d+$/.test(first) ? t('form.row', { n: Number(first) + 1 }) : '';
      return [row, titleIn(lines?.fields ?? [], second)].filter(Boolean).join(' ');
    }
    case 'title':
      return t('form.title');
    case 'feature_ids':
      return t('form.places');
    default:
      return '';
  }
}

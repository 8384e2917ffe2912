/** What a filter asks, in words: 级别：甲、乙; 面积：10 – 20 m². */
import type { Field } from '../../api/modules';
import { nameOf, t } from '../../i18n';
import { unitOf, valueText } from '../value-text';
import type { FieldFilter } from './list-query';

export function filterText(
  field: Field,
  filter: FieldFilter,
  orgName: (id: string) => string | null,
): string {
  return t('filter.text', { title: nameOf(field.title), value: asked(field, filter, orgName) });
}

function asked(field: Field, filter: FieldFilter, orgName: (id: string) => string | null): string {
  switch (filter.by) {
    case 'in':
      return filter.values.map((value) => valueText(field, value)).join(t('list.comma'));
    case 'contains':
      return filter.text;
    case 'is':
      if (field.type === 'boolean') return valueText(field, filter.value === 'true');
      return (field.type === 'org' && orgName(filter.value)) || valueText(field, filter.value);
    case 'range': {
      const unit = unitOf(field);
      const tail = unit ? ` ${unit}` : '';
      // Of a time, days are asked for.
      const ends = field.type === 'moment' ? { ...field, type: 'date' as const } : field;
      const min = filter.min && valueText(ends, filter.min);
      const max = filter.max && valueText(ends, filter.max);
      if (!max) return t('filter.least', { value: min + tail });
      if (!min) return t('filter.most', { value: max + tail });
      return `${min} – ${max}${tail}`;
    }
  }
}

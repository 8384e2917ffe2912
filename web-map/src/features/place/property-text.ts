/** A property's value as words. */
import type { Property } from '../../api';
import { nameOf, t } from '../../i18n';
import { formatArea, formatNumber } from '../../ui/format';

export function propertyText({ value, unit, name }: Property): string {
  if (value === null || value === '') return t('place.unknown');
  if (typeof value === 'boolean') return t(value ? 'place.yes' : 'place.no');
  if (typeof value === 'object') return nameOf(value);
  if (typeof value === 'string') return value;
  if (unit === 'm²' || unit === 'm2' || name.endsWith('area_m2')) return formatArea(value);
  // A year is a name, not a quantity.
  if (/year/.test(name)) return String(value);
  return `${formatNumber(value, 2)}${unit ? ` ${unit}` : ''}`;
}

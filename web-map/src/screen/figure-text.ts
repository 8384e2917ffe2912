/** A figure as it is written on a wall: a number and its unit. */
import type { Figure } from '../api';
import { lang, nameOf, t } from '../i18n';
import { formatNumber } from '../ui/format';

export interface FigureText {
  value: string;
  unit: string;
}

const TEN_THOUSAND = 10_000;

export function figureText({ value, unit }: Pick<Figure, 'value' | 'unit'>): FigureText {
  const name = nameOf(unit);
  if (name !== 'm2') return { value: formatNumber(value, 1), unit: name };
  // A tenth matters where few are told of, as of the area of one person.
  const digits = value < 1000 ? 1 : 0;
  if (value < 10 * TEN_THOUSAND)
    return { value: formatNumber(value, digits), unit: t('screen.m2') };
  if (lang() === 'en') return { value: formatNumber(value / 1e6, 2), unit: 'km²' };
  return { value: formatNumber(value / TEN_THOUSAND, 1), unit: t('screen.tenThousandM2') };
}

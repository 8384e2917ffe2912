/** What a standard allows, in words: one line a limit, a point or a tier. */
import type { StandardSet, StandardValue } from '../api/standards';
import { lang, nameOf, t } from '../i18n';

export function valueWords(value: StandardValue, set: StandardSet): string[] {
  const unit = nameOf(set.unit);
  const withUnit = (amount: string | number) => [digits(amount), unit].filter(Boolean).join(' ');
  const counted = t(set.code.includes('garage') ? 'standards.spaces' : 'standards.people');
  if ('limit' in value) {
    return [t(`standards.limit.${set.bound}`, { value: withUnit(value.limit) })];
  }
  if ('line' in value) {
    const words = value.line.map(([x, y], index) => {
      const isEnd = index === value.line.length - 1;
      const which = index === 0 ? 'first' : isEnd ? 'last' : 'at';
      return t(`standards.line.${which}`, { x: digits(x), counted, value: withUnit(y) });
    });
    const variable = t('standards.line.count', { counted });
    const between = value.line.slice(1).map((end, index) => {
      const formula = lineFormula(value.line[index] as Point, end, variable);
      return t('standards.line.between', { formula });
    });
    return [...words, ...between];
  }
  return value.tiers.map(([from, rate], index) => {
    const next = value.tiers[index + 1];
    const values = { counted, value: digits(rate), from: digits(from) };
    if (!next) return t(index === 0 ? 'standards.tier.all' : 'standards.tier.last', values);
    const which = index === 0 ? 'first' : 'middle';
    return t(`standards.tier.${which}`, { ...values, to: digits(next[0]) });
  });
}

type Point = [string | number, string | number];

/** As the published tables write it where that comes out even: (1000 − n) ÷ 100. */
export function lineFormula(from: Point, to: Point, variable: string): string {
  const [x, y] = from.map(Number) as [number, number];
  const slope = (Number(to[1]) - y) / (Number(to[0]) - x);
  const per = rounded(-1 / slope);
  const top = rounded(x + y * per);
  if (slope < 0 && Number.isInteger(per) && Number.isInteger(top)) {
    return `(${top} − ${variable}) ÷ ${per}`;
  }
  const sign = slope < 0 ? '−' : '+';
  return `${rounded(y)} ${sign} ${rounded(Math.abs(slope))} × (${variable} − ${rounded(x)})`;
}

/** With the noughts it was written with: 0.60 is not 0.6 to those who compare it with the text. */
function digits(amount: string | number): string {
  const places = /\.(\d+)$/.exec(String(amount))?.[1]?.length ?? 0;
  const fixed = { minimumFractionDigits: places, maximumFractionDigits: places };
  return new Intl.NumberFormat(lang() === 'zh' ? 'zh-CN' : 'en-GB', fixed).format(Number(amount));
}

/** Without what binary fractions leave behind. */
function rounded(value: number): number {
  return Number(value.toPrecision(10));
}

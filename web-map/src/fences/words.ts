/** Fences in the words of a list. */
import { distanceText, spanText } from '../alarms/amount';
import type { Fence } from '../api/fences';
import { t } from '../i18n';
import { formatArea, formatNumber } from '../ui/format';
import { areaM2, lengthM, type Position } from './geo';
import { formOf } from './on-file';
import { cornersOf, isLine, type Sketch } from './sketch';

/** What makes an alarm, each with its limit. */
export function asksText(fence: Fence): string[] {
  const { asks, dwell_limit_s, limit_kmh } = fence;
  const said = asks.map((ask) =>
    ask === 'dwell' && dwell_limit_s !== null
      ? t('fences.dwellOver', { limit: spanText(dwell_limit_s * 1_000) })
      : t(`fences.ask.${ask}`),
  );
  return limit_kmh === null
    ? said
    : [...said, t('fences.limitOf', { limit: formatNumber(limit_kmh, 1) })];
}

/** 圆形 · 半径 500 米. */
export function sizeText(fence: Fence): string {
  const { geometry, metres } = fence;
  const form = formOf(fence);
  const name = t(`fences.form.${form}`);
  const size =
    geometry === null
      ? t('fences.noOutline')
      : sizeOf({
          form,
          points: (geometry.type === 'LineString'
            ? geometry.coordinates
            : geometry.type === 'Polygon'
              ? (geometry.coordinates[0] ?? []).slice(0, -1)
              : []) as Position[],
          metres,
        });
  return size ? `${name} · ${size}` : name;
}

/** How large it is so far. */
export function sizeOf({ form, points, metres }: Pick<Sketch, 'form' | 'points' | 'metres'>) {
  switch (form) {
    case 'circle':
      return metres === null ? '' : t('fences.radiusOf', { length: distanceText(metres) });
    case 'corridor':
      return t('fences.lengthOf', { length: distanceText(lengthM(points)) });
    default: {
      const corners = cornersOf({ form, points });
      return corners.length > 2 ? t('fences.areaOf', { area: formatArea(areaM2(corners)) }) : '';
    }
  }
}

/** What comes next. */
export function howText({ form, points, isDone, kept }: Sketch): string {
  if (kept) return t('fences.how.kept');
  if (form === 'place') return t('fences.how.place');
  if (isDone) return t(isLine(form) ? 'fences.how.doneLine' : 'fences.how.done');
  if (form === 'circle' && points.length > 0) return t('fences.how.radius');
  if (form === 'box' && points.length > 0) return t('fences.how.opposite');
  return t(`fences.how.${form}`);
}

/** What the typed words are parts of. */
export function isFound(fence: Fence, typed: string): boolean {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const text = [fence.name, fence.org.name, t(`fences.form.${formOf(fence)}`), ...asksText(fence)]
    .join(' ')
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

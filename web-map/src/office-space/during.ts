/** From a day on, to before another day or without end. */
import { t } from '../i18n';
import { dateText } from '../modules/value-text';

export function duringText({ from, until }: { from: string; until: string | null }): string {
  if (!until) return t('space.since', { from: dateText(from) });
  return t('space.during', { from: dateText(from), until: dateText(until) });
}

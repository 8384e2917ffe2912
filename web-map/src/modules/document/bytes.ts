/** The size of a file as people read it. */
import { formatNumber } from '../../ui/format';

const STEP = 1024;
const UNITS = ['B', 'KB', 'MB', 'GB'] as const;

export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= STEP && unit < UNITS.length - 1) {
    value /= STEP;
    unit += 1;
  }
  return `${formatNumber(value, unit === 0 || value >= 100 ? 0 : 1)} ${UNITS[unit]}`;
}

/** What was found as rows of a list, as marks of the map and as a file. */
import { distanceText } from '../../alarms/amount';
import type { Position } from '../../fences/geo';
import { nameOf, t } from '../../i18n';
import { secondOf } from '../../replay/beijing-time';
import { csvText } from '../../ui/csv';
import type { Current } from '../vehicles/current';
import type { Answer, Found } from './answer';
import type { Mark } from './marks';

export interface Row extends Found {
  now: Current;
  ageMs: number | null;
}

/** 830 米；1.2 公里处，偏离 35 米. Nothing within an area. */
export function measureText({ distanceM, alongM }: Found): string {
  if (distanceM === null) return '';
  if (alongM === null) return distanceText(distanceM);
  return t('nearby.along', { along: distanceText(alongM), offset: distanceText(distanceM) });
}

/** Those that are somewhere. */
export function marksOf(rows: readonly Row[]): Mark[] {
  return rows.flatMap(({ vehicle, now: { lon, lat }, distanceM, alongM }) => {
    if (lon === null || lat === null) return [];
    const at: Position = [lon, lat];
    const label = distanceM === null || alongM !== null ? '' : distanceText(distanceM);
    return [{ id: vehicle.feature_id, at, label }];
  });
}

const metresCell = (metres: number | null) => (metres === null ? null : Math.round(metres));

/** As the server told it: plates that are masked stay so. */
export function fileText({ form, found }: Answer): string {
  const measures = { point: ['distance'], corridor: ['along', 'offset'] } as const;
  const extra = form === 'point' || form === 'corridor' ? measures[form] : [];
  const head = ['plate', 'name', 'kind', 'org', 'status', ...extra, 'lon', 'lat', 'fix'] as const;
  const rows = found.map(({ vehicle, distanceM, alongM }) => [
    vehicle.plate,
    vehicle.name,
    nameOf(vehicle.kind_title),
    vehicle.org?.name ?? null,
    t(`vehicles.status.${vehicle.status}`),
    ...(form === 'corridor' ? [metresCell(alongM)] : []),
    ...(extra.length > 0 ? [metresCell(distanceM)] : []),
    vehicle.lon,
    vehicle.lat,
    vehicle.fix_ms === null ? null : secondOf(vehicle.fix_ms),
  ]);
  return csvText([head.map((one) => t(`nearby.column.${one}`)), ...rows]);
}

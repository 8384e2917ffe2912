/** A seal in the words of a list, and where its numbers lead. */
import { spanText } from '../alarms/amount';
import { emptyFilter, encodeFilter } from '../alarms/filter';
import type { Holiday, Seal, SealEnd } from '../api/seals';
import { t } from '../i18n';
import { beijingDay } from '../ui/beijing-day';
import { csvText } from '../ui/csv';
import { endText, momentText, periodText } from './clock';

const MOST_NAMED = 3;

/** One that was lifted ended then. */
export const endedMs = ({ lifted_at, ends_at }: Pick<Seal, 'lifted_at' | 'ends_at'>): number =>
  Date.parse(lifted_at ?? ends_at);

export const timeText = (seal: Seal): string =>
  periodText(Date.parse(seal.starts_at), endedMs(seal));

/** How long it holds: 7 天. */
export const lengthText = (seal: Seal): string =>
  spanText(endedMs(seal) - Date.parse(seal.starts_at));

/** That it was ended early, and when it should have ended; empty for all others. */
export const liftedText = ({ lifted_at, ends_at }: Seal): string =>
  lifted_at === null ? '' : t('seals.liftedFrom', { end: endText(Date.parse(ends_at)) });

/** As many as a row has room for. */
export const namedOf = ({ vehicles }: Seal) => vehicles.slice(0, MOST_NAMED);

export const vehicleName = ({ feature_id, name }: Seal['vehicles'][number]): string =>
  name || t('seals.unnamed', { id: feature_id });

/** What a row says beside those that it names: that it is all, or how many there are. */
export function countText({ is_whole, vehicles, vehicle_count }: Seal): string {
  if (is_whole) return t('seals.all', { n: vehicle_count });
  const named = Math.min(vehicles.length, MOST_NAMED);
  return vehicle_count > named ? t('seals.inAll', { n: vehicle_count }) : '';
}

/** 公安局的全部车辆, or of which vehicles. */
export function whoText(seal: Seal): string {
  if (seal.is_whole) return t('seals.allOf', { org: seal.org.name });
  const names = namedOf(seal).map(vehicleName).join(t('list.comma'));
  return [names, countText(seal)].filter(Boolean).join(' ');
}

export const ordersText = ({ spares_orders }: Pick<Seal, 'spares_orders'>): string =>
  t(spares_orders ? 'seals.spares' : 'seals.sparesNone');

/** The list of alarms knows days and one vehicle, and no organisation. */
export function alarmsPath(seal: Seal): string {
  const [only] = seal.vehicles;
  const query = encodeFilter({
    ...emptyFilter(),
    state: 'all',
    rule: 'sealed_movement',
    vehicle:
      only && seal.vehicles.length === 1 && seal.vehicle_count === 1 ? only.feature_id : null,
    period: {
      from: beijingDay(Date.parse(seal.starts_at)),
      to: beijingDay(endedMs(seal) - 1),
    },
  });
  return `/alarms?${new URLSearchParams(query)}`;
}

export const holidayName = ({ name }: Holiday): string => name || t('seals.holiday');

/** 国庆节假日封存 */
export const reasonFor = ({ name }: Holiday): string =>
  name ? t('seals.reasonOf', { name }) : t('seals.reasonPlain');

/** What will happen, before it does. */
export function endingText(seal: Seal, end: SealEnd): string {
  if (end === 'lift') return t('seals.liftText', { who: whoText(seal) });
  if (seal.state === 'upcoming') return t('seals.withdrawUpcoming');
  const taken = seal.alarms > 0 ? t('seals.takenBack', { n: seal.alarms }) : t('seals.noneTaken');
  return t('seals.withdrawText', { taken });
}

export function csvOf(seals: readonly Seal[]): string {
  const head = [
    t('seals.number'),
    t('seals.org'),
    t('seals.vehicles'),
    t('seals.vehicleCount'),
    t('seals.from'),
    t('seals.to'),
    t('seals.length'),
    t('seals.orders'),
    t('seals.reason'),
    t('seals.state'),
    t('seals.alarms'),
    t('seals.madeBy'),
    t('seals.madeAt'),
    t('seals.endedBy'),
  ];
  const rows = seals.map((seal) => [
    seal.seal_id,
    seal.org.name,
    seal.is_whole ? t('seals.wholeFleet') : seal.vehicles.map(vehicleName).join(t('list.comma')),
    seal.vehicle_count,
    momentText(Date.parse(seal.starts_at)),
    endText(endedMs(seal)),
    lengthText(seal),
    ordersText(seal),
    seal.reason,
    t(`seals.state.${seal.state}`),
    seal.alarms,
    seal.made_by,
    momentText(Date.parse(seal.made_at)),
    seal.ended_by,
  ]);
  return csvText([head, ...rows]);
}

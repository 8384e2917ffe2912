/** The way to a replay from elsewhere. */
import { beijingDay } from '../ui/beijing-day';
import { daySpan } from './beijing-time';
import { encodeReplay } from './replay-url';

/** Today's tracks of one vehicle, from its first movement on. */
export const todaysReplay = (vehicle: number): string => dayReplay(vehicle, beijingDay());

export function dayReplay(vehicle: number, day: string): string {
  const query = encodeReplay({
    vehicles: [vehicle],
    window: daySpan(day),
    atMs: null,
    speed: 16,
    follow: null,
    selected: null,
    skip: false,
    camera: null,
  });
  return `/replay?${new URLSearchParams(query)}`;
}

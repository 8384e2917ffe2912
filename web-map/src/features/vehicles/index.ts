/** Vehicles: their list, their card and their marks on the map. */
import { CarFront } from 'lucide-vue-next';
import { startLive } from '../../live/live';
import type { FeatureModule } from '../registry';

export const vehicles: FeatureModule = {
  kind: 'vehicle',
  layer: 'vehicles',
  list: {
    id: 'vehicles',
    title: 'vehicles.title',
    icon: CarFront,
    panel: async () => (await import('./VehicleList.vue')).default,
  },
  card: async () => (await import('./VehicleCard.vue')).default,
  start: () => {
    startLive();
  },
  pick: (_map, { x, y }) => {
    const id = startLive().pickAt(x, y);
    return id === null ? null : { kind: 'vehicle', id };
  },
};

/** Office space on the map: what the ledger says about rooms and buildings, and the search for what is free. */
import { DoorOpen } from 'lucide-vue-next';
import type { FeatureModule } from '../features/registry';
import { pickVacant } from './vacant/marks';
import { VACANT_LIST } from './vacant/question';

export const officeSpace: FeatureModule = {
  kind: 'room',
  layer: 'rooms',
  list: {
    id: VACANT_LIST,
    title: 'vacant.tab',
    icon: DoorOpen,
    panel: async () => (await import('./vacant/VacantPanel.vue')).default,
  },
  blocks: {
    room: async () => (await import('./RoomSpace.vue')).default,
    building: async () => (await import('./stacking/StackingPlan.vue')).default,
  },
  pick: pickVacant,
};

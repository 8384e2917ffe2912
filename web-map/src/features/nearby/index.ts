/** 周边车辆: which vehicles are nearest to a place, within an area, or along a road. */
import { Radar } from 'lucide-vue-next';
import type { Component } from 'vue';
import { NEARBY_LIST } from '../../router/view-url';
import type { FeatureModule } from '../registry';

const button = async (): Promise<Component> => (await import('./NearbyBlock.vue')).default;

export const nearby: FeatureModule = {
  kind: 'vehicle',
  layer: 'vehicles',
  list: {
    id: NEARBY_LIST,
    title: 'nearby.title',
    icon: Radar,
    panel: async () => (await import('./NearbyPanel.vue')).default,
    under: 'vehicles',
  },
  blocks: { building: button, room: button, parcel: button, facility: button },
};

/** The alarm whose place is marked on the map, and the way there. */
import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { Alarm } from '../api/alarms';
import { lookAt } from '../map/fly';
import { encodeView } from '../router/view-url';
import { useView } from '../stores/view';

export const useShownAlarm = defineStore('shown-alarm', () => {
  const alarm = shallowRef<Alarm | null>(null);
  return {
    alarm,
    /** The card of its vehicle leaves the map at the place of the alarm. */
    isOf: (vehicleId: number) =>
      alarm.value?.place != null && alarm.value.vehicle?.feature_id === vehicleId,
  };
});

/** The map with the vehicle open and the camera at the place. */
export function useAlarmPlace() {
  const view = useView();
  return ({ vehicle, place }: Alarm) => ({
    path: '/',
    query: encodeView({
      ...view.$state,
      camera: place ? lookAt({ kind: 'vehicle', lon: place[0], lat: place[1] }) : null,
      floor: null,
      selected: vehicle ? { kind: 'vehicle', id: vehicle.feature_id } : null,
    }),
  });
}

/** Marks the place of the shown alarm for as long as its vehicle is open. */
import { Marker } from 'maplibre-gl';
import { onScopeDispose, watch } from 'vue';
import { mapInstance, onMapReady } from '../map/map';
import { useView } from '../stores/view';
import { ruleText } from './rows';
import { useShownAlarm } from './shown';
import './mark.css';

export function useAlarmMark() {
  const view = useView();
  const shown = useShownAlarm();
  let marker: Marker | null = null;

  function draw() {
    marker?.remove();
    marker = null;
    const map = mapInstance();
    const { alarm } = shown;
    if (!map || !alarm?.place) return;
    const element = document.createElement('div');
    element.className = `om-alarm-mark level-${alarm.level}`;
    const label = document.createElement('span');
    label.textContent = ruleText(alarm);
    element.append(label);
    marker = new Marker({ element, anchor: 'center' }).setLngLat(alarm.place).addTo(map);
  }

  watch(
    () => view.selected,
    (selected) => {
      const id = shown.alarm?.vehicle?.feature_id;
      if (shown.alarm && id !== undefined && selected?.id !== id) shown.alarm = null;
    },
  );
  watch([() => shown.alarm, () => view.lang], draw);
  const stop = onMapReady(draw);
  onScopeDispose(() => {
    stop();
    marker?.remove();
    marker = null;
  });
}

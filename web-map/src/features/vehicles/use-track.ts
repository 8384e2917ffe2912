/** Keeps the track of one vehicle on the map for as long as its card is open. */
import { onScopeDispose, type ShallowRef, shallowRef, watch } from 'vue';
import { getTrack, type TrackPoint } from '../../api';
import { useLive } from '../../live/store';
import { onMapReady, styledMap } from '../../map/map';
import { type Resource, useResource } from '../../ui/resource';
import type { Current } from './current';
import { drawTrack, eraseTrack, extended, TRACK_WINDOW_MS } from './track';

interface Track extends Omit<Resource<TrackPoint[]>, 'data'> {
  points: Readonly<ShallowRef<TrackPoint[]>>;
}

export function useTrack(id: () => number | null, now: () => Current | null): Track {
  const live = useLive();
  const points = shallowRef<TrackPoint[]>([]);
  const { data, loading, problem, reload } = useResource(id, (wanted, signal) => {
    const until = Date.now() + live.serverOffsetMs;
    const from = new Date(until - TRACK_WINDOW_MS).toISOString();
    return getTrack(wanted, from, new Date(until).toISOString(), signal);
  });

  watch(data, (fetched) => {
    points.value = fetched ?? [];
  });
  watch(
    () => now()?.fixMs,
    () => {
      const latest = now();
      if (!latest || data.value === null) return;
      const { lon, lat, fixMs, speedKmh } = latest;
      if (lon === null || lat === null || fixMs === null) return;
      points.value = extended(points.value, [lon, lat, fixMs, speedKmh ?? 0], fixMs);
    },
  );
  watch(points, draw);
  const stopReady = onMapReady(draw);
  onScopeDispose(() => {
    stopReady();
    const map = styledMap();
    if (map?.style) eraseTrack(map);
  });

  function draw() {
    const map = styledMap();
    if (!map?.style) return;
    const css = getComputedStyle(document.documentElement);
    const color = css.getPropertyValue('--vehicle-accent').trim();
    const rim = css.getPropertyValue('--vehicle-rim').trim();
    if (points.value.length < 2) eraseTrack(map);
    else drawTrack(map, points.value, color || '#1f5fbf', rim || '#ffffff');
  }

  return { points, loading, problem, reload };
}

/** Moves the camera along the office buildings while nobody touches the map and the data are live. */
import type { Map as MapLibreMap } from 'maplibre-gl';
import { computed, onScopeDispose, type Ref, ref, shallowRef } from 'vue';
import { search } from '../api';
import { onRenewal } from '../identity/renewal';
import { every } from '../live/every';
import { useLive } from '../live/store';
import { mapInstance } from '../map/map';
import { advanced, apart, begin, paused, pauseLeftS, type Stop, type Tour } from './tour';

const STOPS = 12;
const TRAVEL_MS = 6_000;
const CLOSE = { zoom: 16.2, pitch: 45 };
const RELOAD_MS = 10 * 60_000;
const INPUTS = ['pointerdown', 'wheel', 'keydown', 'touchstart'] as const;
/** How government office buildings are named. */
const QUESTION = '机关办公';

interface Home {
  center: [number, number];
  zoom: number;
  pitch: number;
  bearing: number;
}

export interface TourView {
  stop: Readonly<Ref<Stop | null>>;
  pausedS: Readonly<Ref<number>>;
  /** Keeps where the map started as the overview. */
  arrived: (map: MapLibreMap) => void;
}

export function useTour(host: () => HTMLElement | null): TourView {
  const live = useLive();
  const stops = shallowRef<Stop[]>([]);
  const tour = shallowRef<Tour>(begin(Date.now()));
  const pausedS = ref(0);
  const stop = computed(() => stops.value[tour.value.at] ?? null);
  let home: Home | null = null;
  let loadedMs = 0;

  async function load() {
    loadedMs = Date.now();
    try {
      const { items } = await search(QUESTION, 50);
      const buildings = items
        .filter(({ kind }) => kind === 'building')
        .map(({ name, lon, lat, org, subtitle }) => ({
          name,
          subtitle: typeof org === 'object' && org ? org.name : String(subtitle ?? org ?? ''),
          lon,
          lat,
        }));
      stops.value = apart(buildings, STOPS);
    } catch {
      // No stops, no tour: asked again below.
      loadedMs = Date.now() - RELOAD_MS + 15_000;
    }
  }

  function travel(map: MapLibreMap) {
    const to = stop.value;
    const target = to
      ? { center: [to.lon, to.lat] as [number, number], bearing: 0, ...CLOSE }
      : home;
    if (!target) return;
    if (window.matchMedia('(prefers-reduced-motion: reduce)').matches) map.jumpTo(target);
    else map.flyTo({ ...target, duration: TRAVEL_MS, essential: true });
  }

  every(1000, () => {
    const now = Date.now();
    pausedS.value = pauseLeftS(tour.value, now);
    if (live.connection !== 'live') return;
    if (now - loadedMs > RELOAD_MS) void load();
    const next = advanced(tour.value, stops.value.length, now);
    if (next === tour.value) return;
    tour.value = next;
    const map = mapInstance();
    if (map?.style) travel(map);
  });

  onScopeDispose(
    onRenewal(() => {
      stops.value = [];
      loadedMs = 0;
    }),
  );

  const touched = (event: Event) => {
    const inside = event.target instanceof Node && host()?.contains(event.target);
    if (!inside) return;
    tour.value = paused(tour.value, Date.now());
    pausedS.value = pauseLeftS(tour.value, Date.now());
    mapInstance()?.stop();
  };
  for (const input of INPUTS) window.addEventListener(input, touched, { passive: true });
  onScopeDispose(() => {
    for (const input of INPUTS) window.removeEventListener(input, touched);
  });

  function arrived(map: MapLibreMap) {
    const { lng, lat } = map.getCenter();
    home ??= { center: [lng, lat], zoom: map.getZoom(), pitch: 0, bearing: 0 };
    // A map made anew starts at the overview, and the caption already tells of a stop.
    if (stop.value) travel(map);
  }

  return { stop, pausedS, arrived };
}

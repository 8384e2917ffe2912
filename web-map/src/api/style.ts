/** Map styles: as the server writes them, by theme and language. */
import type { StyleSpecification } from 'maplibre-gl';
import { fetchJson } from './client';

export const fetchStyle = (
  name: 'light' | 'dark' | 'wall',
  lang: 'zh' | 'en',
  signal?: AbortSignal,
): Promise<StyleSpecification> => fetchJson(`/styles/${name}.json?lang=${lang}`, { signal });

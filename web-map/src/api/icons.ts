/** Icons of the map: those of the product, and an administrator's own beside them or in their place. */
import { call } from './client';
import type { Bilingual } from './types';

/** What draws an icon: a layer, what it stands for there, and in which colours. */
export interface IconUse {
  layer_id: string;
  layer: Bilingual;
  what: Bilingual;
  light: string;
  dark: string;
}

export interface Icon {
  name: string;
  /** Of those of the product. */
  title: Bilingual | null;
  origin: 'shipped' | 'replaced' | 'added';
  /** Where its SVG is; another address whenever it looks different. */
  href: string;
  uses: IconUse[];
  updated_by?: string;
  updated_at?: string;
}

export interface IconList {
  version: string;
  limits: { bytes: number; own: number };
  items: Icon[];
}

export const listIcons = (signal?: AbortSignal): Promise<IconList> => call('/icons', { signal });

/** Adds an icon, or puts it in place of the one of this name. */
export const putIcon = (name: string, file: Blob): Promise<Omit<Icon, 'uses'>> =>
  call(`/icons/${encodeURIComponent(name)}`, {
    method: 'PUT',
    body: new Blob([file], { type: 'image/svg+xml' }),
  });

/** Where it replaced one of the product's, that one is back. */
export const deleteIcon = (name: string): Promise<void> =>
  call(`/icons/${encodeURIComponent(name)}`, { method: 'DELETE' });

/** Lists as somebody wants to see them again, kept by the server. */
import { call } from './client';

export interface SavedView {
  view_id: number;
  name: string;
  query: Record<string, unknown>;
  shared: boolean;
  mine: boolean;
}

export const listViews = async (kind: string, signal?: AbortSignal): Promise<SavedView[]> =>
  (await call<{ items: SavedView[] }>('/views', { query: { kind }, signal })).items;

export const createView = (body: {
  kind: string;
  name: string;
  query: Record<string, string>;
  shared: boolean;
}): Promise<{ view_id: number }> => call('/views', { method: 'POST', body });

export const deleteView = (id: number): Promise<void> => call(`/views/${id}`, { method: 'DELETE' });

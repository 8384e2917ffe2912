import { afterEach, expect, test, vi } from 'vitest';
import { listAlarms } from '../api/alarms';
import { alarmOf } from './alarm.fixture';
import { countPending } from './source';

vi.mock('../api/alarms', async (original) => ({ ...(await original()), listAlarms: vi.fn() }));

afterEach(() => void vi.mocked(listAlarms).mockReset());

const full = Array.from({ length: 500 }, (_, id) => alarmOf(id + 1));

test('more alarms than one answer holds are counted to the last', async () => {
  vi.mocked(listAlarms)
    .mockResolvedValueOnce({ items: full, next: 501 })
    .mockResolvedValueOnce({ items: [alarmOf(1), alarmOf(2)], next: null });
  expect(await countPending()).toEqual({ n: 502, hasMore: false });
  expect(listAlarms).toHaveBeenLastCalledWith({ pending: 'true', limit: 500, before: 501 });
});

test('nobody reads beyond some thousands, and the counting ends there', async () => {
  vi.mocked(listAlarms).mockResolvedValue({ items: full, next: 7 });
  expect(await countPending()).toEqual({ n: 5_000, hasMore: true });
});

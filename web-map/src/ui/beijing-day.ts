/** Days as the server counts them: those of Beijing, wherever the reader is. Until 08:00 it is still yesterday in Greenwich. */
import { serverNow } from '../api/server-clock';

const OFFSET_MS = 8 * 3_600_000;

/** `2026-11-25`, of a moment. Default: now, by the server's clock. */
export function beijingDay(ms = serverNow()): string {
  return new Date(ms + OFFSET_MS).toISOString().slice(0, 10);
}

export function dayBefore(day: string): string {
  return beijingDay(Date.parse(`${day}T00:00:00+08:00`) - 1);
}

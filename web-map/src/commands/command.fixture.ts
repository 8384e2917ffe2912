/** A command for tests: a text that waits for approval, unless told otherwise. */
import type { Command, CommandEvent, CommandState } from '../api/commands';

export const ASKED_MS = Date.parse('2026-11-27T09:00:00+08:00');

export function commandOf(id: number, more: Partial<Command> = {}): Command {
  return {
    command_id: id,
    vehicle: { feature_id: 7, plate: '澜A·00007', name: '轿车' },
    terminal_id: 'T7',
    kind: 'text',
    body: { text: '请回场' },
    reason: '收车',
    state: 'requested',
    requested_by: 'dispatcher',
    requested_ms: ASKED_MS,
    expires_ms: ASKED_MS + 3_600_000,
    events: [],
    ...more,
  };
}

/** A minute after the one before. */
export const eventsOf = (
  ...told: [state: CommandState, actor?: string | null, detail?: string][]
): CommandEvent[] =>
  told.map(([state, actor = null, detail = ''], index) => ({
    state,
    at_ms: ASKED_MS + index * 60_000,
    actor,
    detail,
  }));

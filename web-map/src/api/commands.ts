/** Commands to terminals: asked for by one person, let pass by another, handed over, and answered. */
import { call } from './client';

export const COMMAND_KINDS = ['locate', 'text', 'interval', 'speed_limit'] as const;
export type CommandKind = (typeof COMMAND_KINDS)[number];

export const COMMAND_STATES = [
  'requested',
  'queued',
  'sent',
  'acknowledged',
  'failed',
  'expired',
  'refused',
  'withdrawn',
] as const;
export type CommandState = (typeof COMMAND_STATES)[number];

export type Decision = 'approve' | 'refuse' | 'withdraw';

export type Order =
  | { kind: 'locate' }
  | { kind: 'text'; text: string }
  | { kind: 'interval'; seconds: number }
  | { kind: 'speed_limit'; kmh: number };

export interface CommandPlan {
  vehicle_id: number;
  command: Order;
  reason: string;
  /** Minutes until it is not sent any more. */
  valid_min: number;
}

export interface CommandEvent {
  state: CommandState;
  at_ms: number;
  /** The login of whoever did it; null: the program, or the terminal. */
  actor: string | null;
  /** What was said: a note, the way it was sent, the remark of the terminal. */
  detail: string;
}

export interface Command {
  command_id: number;
  /** Null: the vehicle is not among those that the reader sees now. */
  vehicle: { feature_id: number; plate: string; name: string } | null;
  terminal_id: string;
  kind: CommandKind;
  /** What its kind needs. */
  body: { text?: string; seconds?: number; kmh?: number };
  reason: string;
  state: CommandState;
  /** The login. */
  requested_by: string;
  requested_ms: number;
  expires_ms: number;
  /** Its life, in order. */
  events: CommandEvent[];
}

export interface CommandQuery {
  vehicle?: number | undefined;
  state?: CommandState | undefined;
  /** Only those with a smaller number. */
  before?: number | undefined;
  limit?: number | undefined;
}

export interface CommandPage {
  /** The newest first. */
  items: Command[];
  /** What to ask for as `before`; null at the end. */
  next: number | null;
}

export const listCommands = (query: CommandQuery, signal?: AbortSignal): Promise<CommandPage> =>
  call('/commands', { query: { ...query }, signal });

/** One of them, as the newest of those up to its number; null where there is none that the reader may see. */
export async function getCommand(id: number, signal?: AbortSignal): Promise<Command | null> {
  const { items } = await listCommands({ before: id + 1, limit: 1 }, signal);
  return items.find(({ command_id }) => command_id === id) ?? null;
}

export const askCommand = (body: CommandPlan): Promise<Command> =>
  call('/commands', { method: 'POST', body });

/** Somebody else was quicker, or it was sent or has expired meanwhile. */
export const COMMAND_OUT_OF_TURN = 'command-out-of-turn';

export const decideCommand = (
  id: number,
  body: { decision: Decision; note: string },
): Promise<Command> => call(`/commands/${id}/decisions`, { method: 'POST', body });

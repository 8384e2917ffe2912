/** The life of a command: which decision follows on which state. The server judges; here it only keeps from offering what it would refuse. */
import type { Command, CommandKind, CommandState, Decision } from '../api/commands';

/** In the order in which they are offered, each with the key that does it. */
export const DECISIONS: readonly { decision: Decision; key: string }[] = [
  { decision: 'approve', key: 'A' },
  { decision: 'refuse', key: 'R' },
  { decision: 'withdraw', key: 'W' },
];

export interface Offer {
  decision: Decision;
  key: string;
  /** Shown, but for somebody else: nobody approves what they asked for. */
  isBarred: boolean;
}

/** What may still move by itself or by somebody's hand. */
export const isUnderWay = (state: CommandState): state is 'requested' | 'queued' | 'sent' =>
  state === 'requested' || state === 'queued' || state === 'sent';

/** All that changes something in the vehicle. */
export const needsApproval = (kind: CommandKind): boolean => kind !== 'locate';

export function offersOf(
  { state, requested_by }: Pick<Command, 'state' | 'requested_by'>,
  login: string | undefined,
): Offer[] {
  const isOwn = requested_by === login;
  return DECISIONS.filter(({ decision }) => isOffered(decision, state, isOwn)).map((one) => ({
    ...one,
    isBarred: one.decision === 'approve' && isOwn,
  }));
}

/** Whoever asked takes back what is not approved yet; whoever did not refuses it. */
function isOffered(decision: Decision, state: CommandState, isOwn: boolean): boolean {
  if (state === 'queued') return decision === 'withdraw';
  if (state !== 'requested') return false;
  return decision === 'approve' || (decision === 'withdraw') === isOwn;
}

export function offerOfKey(key: string, offers: readonly Offer[]): Offer | null {
  return offers.find((offer) => offer.key === key.toUpperCase()) ?? null;
}

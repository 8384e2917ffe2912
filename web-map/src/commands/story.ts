/** The life of a command in words: what happened, by whose hand, and what was said. */
import type { CommandEvent, CommandState } from '../api/commands';
import { type MessageKey, t } from '../i18n';

export interface Step {
  state: CommandState;
  title: string;
  who: string;
  at_ms: number;
  /** Empty: nothing. */
  said: string;
}

export const storyOf = (events: readonly CommandEvent[]): Step[] =>
  events.map((event, index) => ({
    state: event.state,
    title: t(titleOf(event, events[index - 1])),
    who: event.actor ?? t(isAnswer(event) ? 'commands.byTerminal' : 'commands.bySystem'),
    at_ms: event.at_ms,
    said: saidIn(event),
  }));

/** The last thing that happened. */
export const lastStep = (events: readonly CommandEvent[]): Step | null =>
  storyOf(events).at(-1) ?? null;

/** Why it failed: a word of the program's, and the remark of the terminal behind it. */
const FAILURE = /^(failed|unsupported)(?::\s*(.*))?$/su;

const isAnswer = ({ state }: CommandEvent) => state === 'acknowledged' || state === 'failed';

function titleOf(event: CommandEvent, before: CommandEvent | undefined): MessageKey {
  const { state, actor, detail } = event;
  if (state === 'queued') {
    if (!before) return 'commands.step.asked';
    return actor === null ? 'commands.step.returned' : 'commands.step.approved';
  }
  if (state === 'failed' && FAILURE.exec(detail)?.[1] === 'unsupported') {
    return 'commands.step.unsupported';
  }
  if (state !== 'expired') return `commands.step.${state}`;
  if (before?.state === 'sent') return 'commands.step.expired.sent';
  return before?.state === 'queued'
    ? 'commands.step.expired.queued'
    : 'commands.step.expired.requested';
}

function saidIn(event: CommandEvent): string {
  const { state, detail } = event;
  if (detail === '') return '';
  if (state === 'sent') return t('commands.way', { way: detail });
  if (!isAnswer(event)) return detail;
  const remark = state === 'failed' ? (FAILURE.exec(detail)?.[2] ?? '') : detail;
  return remark ? t('commands.remark', { text: remark }) : '';
}

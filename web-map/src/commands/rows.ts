/** A command in the words of a list, and a list as a file. */
import { spanText } from '../alarms/amount';
import { momentText } from '../alarms/evidence';
import type { Command } from '../api/commands';
import { serverNow } from '../api/server-clock';
import { t } from '../i18n';
import { csvText } from '../ui/csv';
import { isUnderWay } from './life';
import { lastStep } from './story';

export const plateText = ({ vehicle }: Pick<Command, 'vehicle'>): string => vehicle?.plate ?? '—';

/** What the terminal is asked to do. */
export function whatText({ kind, body }: Pick<Command, 'kind' | 'body'>): string {
  switch (kind) {
    case 'locate':
      return t('commands.what.locate');
    case 'text':
      return t('commands.what.text', { text: body.text ?? '' });
    case 'interval':
      return t('commands.what.interval', { n: String(body.seconds ?? '—') });
    case 'speed_limit':
      return t('commands.what.speed_limit', { n: String(body.kmh ?? '—') });
  }
}

/** How long it may still take; empty once it does not matter any more. */
export function leftText({ state, expires_ms }: Command): string {
  const leftMs = expires_ms - serverNow();
  return isUnderWay(state) && leftMs > 0 ? t('commands.left', { span: spanText(leftMs) }) : '';
}

export function csvOf(commands: readonly Command[]): string {
  const head = [
    t('commands.number'),
    t('commands.time'),
    t('commands.plate'),
    t('commands.terminal'),
    t('commands.what'),
    t('commands.why'),
    t('commands.state'),
    t('commands.who'),
    t('commands.until'),
    t('commands.outcome'),
  ];
  const rows = commands.map((command) => {
    const last = lastStep(command.events);
    return [
      command.command_id,
      momentText(command.requested_ms),
      plateText(command),
      command.terminal_id,
      whatText(command),
      command.reason,
      t(`commands.state.${command.state}`),
      command.requested_by,
      momentText(command.expires_ms),
      last && [momentText(last.at_ms), last.who, last.title, last.said].filter(Boolean).join(' '),
    ];
  });
  return csvText([head, ...rows]);
}

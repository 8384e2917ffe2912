/** Events, comments and deeds of the approval as one story, oldest first. Pure. */
import type { Document, DocumentEvent } from '../../api/documents';
import type { Bilingual } from '../../api/types';
import { accountOf, type Who } from '../who';

export interface Moment {
  key: string;
  at: string;
  who: Who | null;
  kind: 'event' | 'comment' | 'deed';
  title: Bilingual | null;
  text: string | null;
  changes: NonNullable<DocumentEvent['changes']>;
}

export function historyOf({ events, comments, approval, refs }: Document): Moment[] {
  const moments: Moment[] = [
    ...(events ?? []).map(({ seq, at, actor, title, note, changes }) => ({
      key: `event-${seq}`,
      at,
      who: accountOf(actor, refs),
      kind: 'event' as const,
      title,
      text: note,
      changes: changes ?? [],
    })),
    ...(comments ?? []).map(({ comment_id, at, actor, text }) => ({
      key: `comment-${comment_id}`,
      at,
      who: accountOf(actor, refs),
      kind: 'comment' as const,
      title: null,
      text,
      changes: [],
    })),
    ...(approval?.deeds ?? []).map(({ at, who, title, comment }, index) => ({
      key: `deed-${index}`,
      at,
      who: who && { name: who.name, login: undefined },
      kind: 'deed' as const,
      title,
      text: comment ?? null,
      changes: [],
    })),
  ];
  // Stable: what happened at once stays in the order of its kind.
  return moments.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

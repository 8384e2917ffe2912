import { expect, test } from 'vitest';
import type { Document } from '../../api/documents';
import { historyOf } from './history';

test('events, comments and deeds are one story, oldest first', () => {
  const title = { zh: '提交', en: 'Submit' };
  const document = {
    refs: { accounts: { jia: '甲' } },
    events: [
      {
        seq: 1,
        action: 'create',
        title,
        actor: 'jia',
        at: '2026-11-01T08:00:00+08:00',
        note: null,
      },
      {
        seq: 2,
        action: 'submit',
        title,
        actor: 'jia',
        at: '2026-11-03T08:00:00+08:00',
        note: null,
      },
    ],
    comments: [{ comment_id: 5, actor: 'yi', at: '2026-11-02T08:00:00+08:00', text: '请补合同' }],
    approval: {
      deeds: [
        { at: '2026-11-03T01:00:00Z', who: { user_id: 1, name: '丙' }, deed: 'agree', title },
      ],
    },
  } as unknown as Document;
  expect(historyOf(document).map(({ key, who }) => [key, who?.name, who?.login])).toEqual([
    ['event-1', '甲', 'jia'],
    ['comment-5', 'yi', 'yi'],
    ['event-2', '甲', 'jia'],
    ['deed-0', '丙', undefined],
  ]);
});

test('a document without a history has none', () => {
  expect(historyOf({} as Document)).toEqual([]);
});

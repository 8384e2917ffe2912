import { beforeEach, expect, test } from 'vitest';
import type { Field, FieldType, Kind } from '../../api/modules';
import { setLang } from '../../i18n';
import { checkDraft, checkValue, sentIndex } from './check';
import { bodyOf, draftOf, emptyDraft, hasMasked, newLine, payloadOf, prefilled } from './draft';

beforeEach(() => setLang('zh'));

const field = (name: string, type: FieldType, more: Partial<Field> = {}): Field => ({
  name,
  title: { zh: name, en: name },
  type,
  need: 'optional',
  listed: false,
  derived: false,
  ...more,
});

const lineFields = [field('room', 'feature', { need: 'required' }), field('m2', 'area')];

const kind = {
  kind: 'office_allocation',
  fields: [
    field('reason', 'text', { need: 'required', max_chars: 5 }),
    field('people', 'integer', { min: 1 }),
    field('cost', 'money'),
    field('total', 'area', { derived: true }),
  ],
  lines: { title: { zh: '明细', en: 'Rows' }, least: 1, most: 2, fields: lineFields },
  links: { least: 1, most: 3, kinds: [] },
} as unknown as Kind;

test('a new form has the rows it needs and no field that the server fills in', () => {
  const draft = emptyDraft(kind);
  expect(draft.lines).toHaveLength(1);
  expect(draft.values).toEqual({ reason: null, people: null, cost: null });
});

test('an address fills in the fields it names, with what can stand in them', () => {
  const fields = [
    ...kind.fields,
    field('org', 'org'),
    field('on', 'date'),
    field('begin', 'moment'),
    field('late', 'moment'),
    field('cause', 'choice', { options: [{ value: 'over', title: { zh: '超标', en: 'Over' } }] }),
  ];
  const query = {
    reason: '清理超标房',
    people: '12',
    total: '9',
    org: '7',
    on: '昨天',
    begin: '2026-11-25T09:30+08:00',
    late: '2026-11-25T25:30+08:00',
    cause: 'over',
  };
  expect(prefilled(fields, query)).toEqual({
    reason: '清理超标房',
    people: '12',
    org: 7,
    begin: '2026-11-25T09:30+08:00',
    cause: 'over',
  });
  expect(prefilled(fields, { cause: 'else', org: '-1', people: 'x', reason: ['a'] })).toEqual({});
});

test('what is blank is not sent, numbers lose what people type around them', () => {
  expect(bodyOf(kind.fields, { reason: ' 搬迁 ', people: '１２', cost: '1,234.50' })).toEqual({
    reason: '搬迁',
    people: 12,
    cost: '1234.50',
  });
  expect(bodyOf(kind.fields, { reason: '  ', people: null, cost: '' })).toEqual({});
});

test('rows in which nothing stands are not sent, and faults count the others', () => {
  const draft = emptyDraft(kind);
  draft.lines.push(newLine(lineFields, { m2: '9.50' }));
  expect(payloadOf(kind, draft).lines).toEqual([{ m2: '9.50' }]);
  expect(sentIndex(draft, 0)).toBeNull();
  expect(sentIndex(draft, 1)).toBe(0);
  expect(checkDraft(kind, draft)).toHaveProperty(['lines.0.room']);
});

test('a document becomes a form and the same document again', () => {
  const document = {
    title: '配置单',
    body: { reason: '搬迁', people: 3, cost: '10.00', total: '99.00' },
    lines: [{ room: 7, m2: '12.00' }],
    links: [{ feature_id: 7, kind: 'room', name: '301' }],
  };
  expect(payloadOf(kind, draftOf(kind, document))).toEqual({
    title: '配置单',
    body: { reason: '搬迁', people: 3, cost: '10.00' },
    lines: [{ room: 7, m2: '12.00' }],
    feature_ids: [7],
  });
});

test('stars in a personal field are masks, elsewhere they are text', () => {
  const fields = [field('who', 'text', { personal: 'name' }), field('note', 'text')];
  const form = { ...kind, fields, lines: null } as unknown as Kind;
  const of = (body: Record<string, unknown>) => draftOf(form, { title: '', body, links: [] });
  expect(hasMasked(form, of({ who: '张*', note: '' }))).toBe(true);
  expect(hasMasked(form, of({ who: '张三', note: '3*5' }))).toBe(false);
});

test('an empty form lacks what is required, at the paths of the server', () => {
  expect(Object.keys(checkDraft(kind, emptyDraft(kind)))).toEqual([
    'body.reason',
    'feature_ids',
    'lines',
  ]);
});

test.each([
  ['people', '2.5', '请填写整数'],
  ['people', '0', '不能小于 1'],
  ['people', '三', '请填写数字'],
  ['cost', '1.005', '最多 2 位小数'],
  ['reason', '一二三四五六', '最多 5 个字，现有 6 个'],
  ['cost', '12.5', ''],
])('%s of %s: %s', (name, value, fault) => {
  const asked = kind.fields.find((one) => one.name === name) as Field;
  expect(checkValue(asked, value)).toBe(fault);
});

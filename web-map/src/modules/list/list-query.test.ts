import { expect, test } from 'vitest';
import type { Field, FieldType, Kind } from '../../api/modules';
import { decodeList, emptyList, encodeList, nextSort, questionOf } from './list-query';

const field = (name: string, type: FieldType, listed = true): Field => ({
  name,
  title: { zh: name, en: name },
  type,
  need: 'optional',
  listed,
  derived: false,
});

const kind: Kind = {
  kind: 'office_request',
  module: 'office_space',
  version: 1,
  title: { zh: '使用申请', en: 'Request' },
  links: { least: 0, most: 5, kinds: ['room'] },
  fields: [
    field('level', 'choice'),
    field('area', 'area'),
    field('people', 'integer'),
    field('begin', 'date'),
    field('reason', 'text'),
    field('org', 'org'),
    field('note', 'text', false),
  ],
  lines: null,
  states: [
    {
      name: 'draft',
      title: { zh: '草稿', en: 'Draft' },
      phase: 'draft',
      tone: 'neutral',
    },
  ],
  actions: [],
  plans: [],
  views: { list: ['number', 'title'], calendar: null, board: true },
};

test('a list at its defaults needs no address', () => {
  expect(encodeList(emptyList())).toEqual({});
});

test('a whole list survives the way through an address', () => {
  const list = {
    ...emptyList(),
    q: '一号楼',
    phase: 'open' as const,
    state: 'draft',
    feature: 77,
    sort: '-area',
    view: 'board' as const,
    fields: {
      level: { by: 'in' as const, values: ['a', 'b'] },
      area: { by: 'range' as const, min: '10', max: '' },
      reason: { by: 'contains' as const, text: '搬迁' },
      org: { by: 'is' as const, value: '12' },
    },
  };
  expect(decodeList(encodeList(list), kind)).toEqual(list);
});

test.each([
  ['state', 'nowhere'],
  ['phase', 'later'],
  ['feature', 'one'],
  ['sort', '-note'],
  ['view', 'calendar'],
  ['month', '2026-13'],
  ['f.note', 'x'],
  ['f.gone', 'x'],
])('an address with an unknown %s falls back to the default', (key, value) => {
  expect(decodeList({ [key]: value }, kind)).toEqual(emptyList());
});

test('filters become terms of the types that the fields have', () => {
  const list = decodeList(
    { 'f.level': 'a', 'f.area': '10..20.5', 'f.people': '3..', 'f.org': '12', 'f.reason': '搬' },
    kind,
  );
  expect(questionOf(list, kind).filter).toEqual([
    { field: 'level', op: 'eq', value: 'a' },
    { field: 'area', op: 'ge', value: '10' },
    { field: 'area', op: 'le', value: '20.5' },
    { field: 'people', op: 'ge', value: 3 },
    { field: 'reason', op: 'contains', value: '搬' },
    { field: 'org', op: 'eq', value: 12 },
  ]);
});

test('a heading steps from ascending to descending to the order of the server', () => {
  expect(nextSort(null, 'area')).toBe('area');
  expect(nextSort('area', 'area')).toBe('-area');
  expect(nextSort('-area', 'area')).toBeNull();
  expect(nextSort('-area', 'title')).toBe('title');
});

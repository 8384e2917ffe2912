import { expect, test } from 'vitest';
import type { StandardLine, StandardSet } from '../api/standards';
import { type EditionDraft, editionOf, emptyEdition, faultsOf, termsOf } from './edition';

const term = (code: string) => ({ code, zh: code, en: code });
const line = (level: string | null, rank: string | null, value: StandardLine['value']) =>
  ({ level: level && term(level), rank: rank && term(rank), value }) as StandardLine;
const set = (items: StandardLine[]) => ({ code: 'office.x', items }) as unknown as StandardSet;

const good: EditionDraft = {
  ...emptyEdition(set([line('city', 'city_head', { limit: '42' })])),
  limit: '４0.5',
  validFrom: '2027/1/1',
  document: ' 某发〔2026〕1号 ',
};

test('a row begins like the newest of its set', () => {
  expect(good).toMatchObject({ form: 'limit', level: 'city', rank: 'city_head' });
  const tiers = emptyEdition(set([line(null, null, { tiers: [['0', '1']] })]));
  expect(tiers).toMatchObject({ form: 'tiers', level: '*', rank: '*' });
  expect(tiers.points[0]).toEqual({ x: '0', y: '' });
});

test('what is sent is plain: digits, a day, the whole country', () => {
  expect(faultsOf(good)).toEqual({});
  expect(editionOf('office.x', good)).toMatchObject({
    code: 'office.x',
    jurisdiction: 'CN',
    value: { limit: '40.5' },
    valid_from: '2027-01-01',
    document: '某发〔2026〕1号',
    note: null,
  });
});

test('all faults are told at once', () => {
  const faults = faultsOf({ ...good, limit: '', validFrom: '', document: ' ', jurisdiction: '37' });
  expect(Object.keys(faults).sort()).toEqual(['document', 'jurisdiction', 'valid_from', 'value']);
});

test('points rise, and tiers begin at nothing', () => {
  const points = (...xs: string[]) => xs.map((x) => ({ x, y: '1' }));
  const fault = (form: 'line' | 'tiers', ...xs: string[]) =>
    faultsOf({ ...good, form, points: points(...xs) }).value;
  expect(fault('line', '200', '400')).toBeUndefined();
  expect(fault('line', '400', '200')).toBe('standards.needRising');
  expect(fault('tiers', '1', '100')).toBe('standards.needZero');
  expect(fault('tiers', '0', '')).toBe('standards.needNumber');
});

test('ranks are those of the chosen level', () => {
  const sets = [
    set([line('city', 'city_head', { limit: 1 }), line('county', 'county_head', { limit: 1 })]),
    set([line(null, 'high_rise', { limit: 1 })]),
  ];
  expect(termsOf(sets, 'level').map(({ code }) => code)).toEqual(['city', 'county']);
  expect(termsOf(sets, 'rank', 'city').map(({ code }) => code)).toEqual(['city_head', 'high_rise']);
  expect(termsOf(sets, 'rank')).toHaveLength(3);
});

import { expect, test } from 'vitest';
import { questionOf, type VacantDraft } from './question';

const draft: VacantDraft = {
  people: '12',
  rank: 'city_staff',
  org: { id: 7, name: '市教育局' },
  near: { id: 77, name: '1号楼' },
  radius: '1000',
  on: '2026年1月5日',
};

test('a question has ids, numbers and a day', () => {
  expect(questionOf(draft)).toEqual({
    people: 12,
    rank: 'city_staff',
    org: 7,
    near: 77,
    radius_m: 1000,
    on: '2026-01-05',
  });
});

test('a radius without a place around which it is drawn is left out', () => {
  expect(questionOf({ ...draft, near: null })).toMatchObject({ near: undefined });
  expect(questionOf({ ...draft, near: null })?.radius_m).toBeUndefined();
});

test('full-width digits are digits; half a person, nobody, no body and a day that does not exist are no question', () => {
  expect(questionOf({ ...draft, people: '１２' })?.people).toBe(12);
  for (const people of ['', '0', '1.5', 'many']) {
    expect(questionOf({ ...draft, people }), people).toBeNull();
  }
  expect(questionOf({ ...draft, on: '2026-04-31' })).toBeNull();
  expect(questionOf({ ...draft, org: null })).toBeNull();
});

import { expect, test } from 'vitest';
import type { StandardLine, StandardSet, Term } from '../api/standards';
import { ranksOf } from './ranks';

const term = (code: string): Term => ({ code, zh: code, en: code });
const line = (level: string | null, rank: string, is_in_force = true) =>
  ({ level: level && term(level), rank: term(rank), is_in_force }) as unknown as StandardLine;
const set = (code: string, items: StandardLine[]) => ({ code, items }) as StandardSet;

test('ranks stand under their level, each once, and only those in force', () => {
  const groups = ranksOf([
    set('office.usable_ratio', [line(null, 'high_rise')]),
    set('office.person_area', [
      line('city', 'city_head'),
      line('city', 'city_head', false),
      line('city', 'city_staff'),
      line('county', 'county_clerk', false),
      line('county', 'county_head'),
    ]),
  ]);
  expect(groups.map(({ level, ranks }) => [level.code, ranks.map(({ code }) => code)])).toEqual([
    ['city', ['city_head', 'city_staff']],
    ['county', ['county_head']],
  ]);
});

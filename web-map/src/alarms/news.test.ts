import { expect, test } from 'vitest';
import { alarmOf } from './alarm.fixture';
import { type Known, newsIn } from './news';

const severe = (id: number) => alarmOf(id, { level: 1 });
const ids = (alarms: { alarm_id: number }[]) => alarms.map(({ alarm_id }) => alarm_id);

/** What each answer rings for, one after the other. */
function rung(answers: Parameters<typeof newsIn>[1][], from: Known | null = null): number[][] {
  let known = from;
  return answers.map((answer) => {
    const news = newsIn(known, answer);
    known = news.known;
    return ids(news.severe);
  });
}

test('what is there at first is old: nothing rings after a reload', () => {
  expect(rung([[severe(9), severe(8)]])).toEqual([[]]);
  expect(rung([[], [severe(10)]])).toEqual([[], [10]]);
});

test('a new severe alarm rings once, a warning never', () => {
  const before = [severe(8)];
  const after = [alarmOf(11), severe(10), severe(9), severe(8)];
  expect(rung([before, after, after, after])).toEqual([[], [10, 9], [], []]);
});

test('a warning that becomes severe rings', () => {
  expect(rung([[alarmOf(9)], [alarmOf(9)], [severe(9)], [severe(9)]])).toEqual([[], [], [9], []]);
});

test('an older alarm that slides into the answer is no news', () => {
  const full = [severe(30), severe(29)];
  const oneClosed = [severe(30), severe(12)];
  expect(rung([full, oneClosed])).toEqual([[], []]);
});

test('one that was closed and opened again, and one that somebody knows of, do not ring', () => {
  expect(rung([[severe(9)], [], [severe(9)]])).toEqual([[], [], []]);
  const known = { ...severe(10), state: 'acknowledged' as const };
  expect(rung([[severe(9)], [known, severe(9)]])).toEqual([[], []]);
});

test('an empty answer does not make old alarms new', () => {
  expect(rung([[severe(9)], [], [severe(10)], [severe(10), severe(9)]])).toEqual([
    [],
    [],
    [10],
    [],
  ]);
});

import { expect, it } from 'vitest';
import type { Alarm } from '../api/alarms';
import type { Journeys } from '../api/tracks';
import { dayOfVehicle, markNear } from './marks';

const MINUTE = 60_000;
const WINDOW = { fromMs: 100 * MINUTE, toMs: 200 * MINUTE };
const place: [number, number] = [105, 36];
const stop = (from: number, to: number) => ({
  start_ms: from * MINUTE,
  end_ms: to * MINUTE,
  place,
});
const alarm = (at: number): Alarm =>
  ({
    alarm_id: at,
    rule: 'speeding',
    title: { zh: '超速', en: 'Speeding' },
    level: 2,
    started_ms: at * MINUTE,
    ended_ms: null,
    place,
  }) as Alarm;
const journeys = (more: Partial<Journeys>): Journeys => ({
  trips: [],
  stops: [],
  open: null,
  ...more,
});

it('a stop that began before the window leads to its beginning, a traffic light leads nowhere', () => {
  const { marks } = dayOfVehicle(
    7,
    journeys({ stops: [stop(50, 120), stop(150, 151)] }),
    [],
    WINDOW,
  );
  expect(marks).toEqual([
    {
      kind: 'stop',
      vehicle: 7,
      atMs: WINDOW.fromMs,
      startMs: 50 * MINUTE,
      endMs: 120 * MINUTE,
      place,
    },
  ]);
});

it('what lasts still is there, with no end', () => {
  const { marks } = dayOfVehicle(7, journeys({ open: { stop: stop(180, 181) } }), [], WINDOW);
  expect(marks[0]).toMatchObject({ endMs: null, atMs: 180 * MINUTE });
});

it('alarms outside the window are not marked, the others stand in order of time among the stops', () => {
  const alarms = [alarm(190), alarm(110), alarm(99), alarm(200)];
  const { marks } = dayOfVehicle(7, journeys({ stops: [stop(130, 140)] }), alarms, WINDOW);
  expect(marks.map(({ kind, atMs }) => [kind, atMs / MINUTE])).toEqual([
    ['alarm', 110],
    ['stop', 130],
    ['alarm', 190],
  ]);
});

it('a pointer finds the nearest mark, and an alarm before a stop', () => {
  const { marks } = dayOfVehicle(7, journeys({ stops: [stop(130, 140)] }), [alarm(131)], WINDOW);
  expect(markNear(marks, 130 * MINUTE, 2 * MINUTE)?.kind).toBe('alarm');
  expect(markNear(marks, 128.5 * MINUTE, 2 * MINUTE)?.kind).toBe('stop');
  expect(markNear(marks, 150 * MINUTE, 2 * MINUTE)).toBeNull();
});

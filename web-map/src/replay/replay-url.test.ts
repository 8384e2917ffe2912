import { expect, it } from 'vitest';
import { dayOf, daySpan, momentOf, rfc3339, secondOf } from './beijing-time';
import { decodeReplay, encodeReplay, type ReplayState } from './replay-url';

const TODAY = '2026-11-27';
const noon = Date.parse('2026-11-27T12:00:00+08:00');

it('an address gives back the very same replay', () => {
  const state: ReplayState = {
    vehicles: [12, 15],
    window: daySpan(TODAY),
    atMs: noon + 345,
    speed: 64,
    follow: 12,
    selected: 15,
    skip: true,
    camera: { center: [105.5, 36.5], zoom: 13.25, bearing: 0, pitch: 0 },
  };
  const query = encodeReplay(state);
  expect(query).toMatchObject({
    v: '12,15',
    from: '2026-11-27T00:00:00+08:00',
    to: '2026-11-28T00:00:00+08:00',
    at: '2026-11-27T12:00:00.345+08:00',
    x: '64',
    follow: '12',
  });
  expect(decodeReplay(query, '2001-01-01')).toEqual(state);
});

it('an empty address is today, without a vehicle', () => {
  expect(decodeReplay({}, TODAY)).toEqual({
    vehicles: [],
    window: daySpan(TODAY),
    atMs: null,
    speed: 16,
    follow: null,
    selected: null,
    skip: false,
    camera: null,
  });
});

it('what cannot be read falls back, and nothing is outside the window', () => {
  const state = decodeReplay(
    {
      v: '7,x,7,-1,9',
      from: '2026-11-27T00:00:00+08:00',
      to: '2026-12-27T00:00:00+08:00',
      at: '2026-12-01T00:00:00+08:00',
      x: '3',
      follow: '8',
      s: '9',
      c: 'nowhere',
    },
    TODAY,
  );
  expect(state.vehicles).toEqual([7, 9]);
  expect(state.window).toEqual(daySpan(TODAY));
  expect(state.atMs).toBe(state.window.toMs);
  expect([state.speed, state.follow, state.selected]).toEqual([16, null, 9]);
});

it('a plus that a mail program made a blank of is still a plus', () => {
  expect(momentOf('2026-11-27T12:00:00 08:00')).toBe(noon);
  expect(momentOf('2026-11-27T04:00:00Z')).toBe(noon);
  expect(momentOf('2026-11-27')).toBeNull();
  expect(momentOf('2026-13-27T04:00:00Z')).toBeNull();
});

it('times are those of Beijing', () => {
  expect(rfc3339(noon)).toBe('2026-11-27T12:00:00+08:00');
  expect(secondOf(noon)).toBe('2026-11-27 12:00:00');
  expect(dayOf(daySpan(TODAY))).toBe(TODAY);
  expect(dayOf({ fromMs: noon, toMs: noon + 3_600_000 })).toBeNull();
});

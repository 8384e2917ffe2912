import { describe, expect, it } from 'vitest';
import type { Vehicle } from '../../api';
import type { Shown } from '../../live/fleet';
import { current, windOf } from './current';

const LISTED: Vehicle = {
  feature_id: 1,
  plate: '示A·10001',
  name: '公务车',
  kind_title: { zh: '轿车', en: 'Car' },
  org: null,
  terminal_id: 'T1',
  status: 'moving',
  lon: 116,
  lat: 39,
  heading: 10,
  speed_kmh: 30,
  fix_ms: 5_000,
  age_s: 1,
};
const LIVE: Shown = {
  id: 1,
  plate: '',
  lon: 117,
  lat: 40,
  heading: 90,
  speedKmh: 0,
  status: 2,
  fixMs: 6_000,
};

describe('a vehicle on screen', () => {
  it('is what the stream says when that is newer or as new', () => {
    expect(current(LISTED, LIVE)).toMatchObject({
      status: 'idle',
      lon: 117,
      speedKmh: 0,
      fixMs: 6_000,
    });
    expect(current(LISTED, { ...LIVE, fixMs: 5_000, status: 3 }).status).toBe('offline');
  });

  it('is what the list says when the stream is older or does not know it', () => {
    expect(current(LISTED, { ...LIVE, fixMs: 4_999 })).toMatchObject({
      status: 'moving',
      lon: 116,
    });
    expect(current(LISTED, null)).toMatchObject({ fixMs: 5_000, heading: 10 });
  });
});

describe('the wind of a heading', () => {
  it.each([
    [0, 0],
    [22.4, 0],
    [22.6, 1],
    [180, 4],
    [337.6, 0],
    [359.9, 0],
    [-90, 6],
  ])('of %d degrees is %d', (heading, wind) => {
    expect(windOf(heading)).toBe(wind);
  });
});

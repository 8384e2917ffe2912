import { describe, expect, it } from 'vitest';
import { Fleet, PACKED_FLOATS } from './fleet';
import { glideMs, shortestTurn } from './glide';
import { mercatorX, mercatorY } from './mercator';
import type { LiveVehicle } from './protocol';

const LON = 116.4;
const LAT = 39.9;
/** Metres to degrees of latitude, near enough for these tests. */
const metres = (m: number): number => m / 111_320;

function fix(fields: Partial<LiveVehicle>): LiveVehicle {
  return {
    id: 1,
    lon: LON,
    lat: LAT,
    heading: 0,
    speedKmh: 30,
    fixMs: 0,
    status: 1,
    plate: '示A·1',
    ...fields,
  };
}

function fleetOf(...vehicles: LiveVehicle[]): Fleet {
  const fleet = new Fleet();
  fleet.apply({ upsert: vehicles, remove: [] }, 0);
  return fleet;
}

function move(fleet: Fleet, fields: Partial<LiveVehicle>, nowMs: number): void {
  fleet.apply({ upsert: [fix(fields)], remove: [] }, nowMs);
}

describe('a marker between two fixes', () => {
  it('stands where it was first seen', () => {
    const shown = fleetOf(fix({})).shown(1, 5_000);
    expect(shown?.lon).toBeCloseTo(LON, 9);
    expect(shown?.lat).toBeCloseTo(LAT, 9);
  });

  it('is half way after half of the glide and there at its end', () => {
    const fleet = fleetOf(fix({}));
    move(fleet, { lat: LAT + metres(40), fixMs: 2_000 }, 1_000);
    const lasts = glideMs(2_000);
    expect(fleet.shown(1, 1_000)?.lat).toBeCloseTo(LAT, 9);
    expect(fleet.shown(1, 1_000 + lasts / 2)?.lat).toBeCloseTo(LAT + metres(20), 7);
    expect(fleet.shown(1, 1_000 + lasts)?.lat).toBeCloseTo(LAT + metres(40), 9);
  });

  it('never goes on beyond its fix', () => {
    const fleet = fleetOf(fix({}));
    move(fleet, { lat: LAT + metres(40), fixMs: 2_000 }, 0);
    expect(fleet.shown(1, 600_000)?.lat).toBeCloseTo(LAT + metres(40), 9);
  });

  it('goes on from where it is seen when a fix comes in the middle of a glide', () => {
    const fleet = fleetOf(fix({}));
    move(fleet, { lat: LAT + metres(40), fixMs: 2_000 }, 0);
    const before = fleet.shown(1, 1_000)?.lat ?? 0;
    move(fleet, { lat: LAT + metres(80), fixMs: 3_000 }, 1_000);
    expect(fleet.shown(1, 1_000)?.lat).toBeCloseTo(before, 9);
  });

  it('ignores noise below two metres and keeps its heading', () => {
    const fleet = fleetOf(fix({ heading: 90 }));
    move(fleet, { lat: LAT + metres(1.5), heading: 200, status: 2, fixMs: 2_000 }, 0);
    expect(fleet.shown(1, 9_000)).toMatchObject({
      lat: expect.closeTo(LAT, 9),
      heading: 90,
      status: 2,
    });
    expect(fleet.movingUntilMs).toBe(0);
  });

  it('follows a slow creep once it adds up', () => {
    const fleet = fleetOf(fix({}));
    move(fleet, { lat: LAT + metres(1.5), fixMs: 1_000 }, 0);
    move(fleet, { lat: LAT + metres(3), fixMs: 2_000 }, 1_000);
    expect(fleet.shown(1, 99_000)?.lat).toBeCloseTo(LAT + metres(3), 8);
  });

  it('jumps more than 500 m at once', () => {
    const fleet = fleetOf(fix({}));
    move(fleet, { lat: LAT + metres(505), fixMs: 2_000 }, 0);
    expect(fleet.shown(1, 0)?.lat).toBeCloseTo(LAT + metres(505), 8);
    expect(fleet.movingUntilMs).toBe(0);
  });

  it('glides just under 500 m, measured on the ground and not in Mercator', () => {
    const fleet = fleetOf(fix({}));
    move(fleet, { lat: LAT + metres(490), fixMs: 2_000 }, 0);
    expect(fleet.shown(1, 0)?.lat).toBeCloseTo(LAT, 8);
  });

  it('jumps after a silence of more than a minute', () => {
    const fleet = fleetOf(fix({}));
    move(fleet, { lat: LAT + metres(40), fixMs: 60_001 }, 0);
    expect(fleet.shown(1, 0)?.lat).toBeCloseTo(LAT + metres(40), 8);
  });

  it('is not moved back by a fix that comes late', () => {
    const fleet = fleetOf(fix({ fixMs: 10_000, status: 1 }));
    move(fleet, { lat: LAT + metres(40), fixMs: 9_000, status: 3 }, 0);
    expect(fleet.shown(1, 60_000)).toMatchObject({ lat: expect.closeTo(LAT, 9), status: 1 });
  });

  it('changes its status without a new fix', () => {
    const fleet = fleetOf(fix({ fixMs: 10_000 }));
    move(fleet, { fixMs: 10_000, status: 3 }, 0);
    expect(fleet.shown(1, 0)?.status).toBe(3);
  });
});

describe('the heading', () => {
  it.each([
    [350, 10, 20],
    [10, 350, -20],
    [0, 180, 180],
    [90, 90, 0],
    [720, -90, -90],
  ])('from %d to %d turns by %d', (from, to, turn) => {
    expect(shortestTurn(from, to)).toBe(turn);
  });

  it('passes north on the way from 350 to 10 and not south', () => {
    const fleet = fleetOf(fix({ heading: 350 }));
    move(fleet, { lat: LAT + metres(40), heading: 10, fixMs: 2_000 }, 0);
    const quarter = fleet.shown(1, glideMs(2_000) * 0.2)?.heading ?? 180;
    expect(Math.min(quarter, 360 - quarter)).toBeLessThan(1);
    expect(fleet.shown(1, 60_000)?.heading).toBeCloseTo(10, 4);
  });
});

describe('the fleet', () => {
  it('keeps every other vehicle when one leaves', () => {
    const fleet = fleetOf(
      fix({ id: 1, plate: 'a' }),
      fix({ id: 2, plate: 'b', lon: 117 }),
      fix({ id: 3, plate: 'c', lon: 118 }),
    );
    fleet.apply({ upsert: [], remove: [1, 99] }, 0);
    expect(fleet.count).toBe(2);
    expect(fleet.shown(1, 0)).toBeNull();
    expect(fleet.shown(2, 0)).toMatchObject({ plate: 'b', lon: expect.closeTo(117, 9) });
    expect(fleet.shown(3, 0)).toMatchObject({ plate: 'c', lon: expect.closeTo(118, 9) });
  });

  it('grows past its first arrays without losing anybody', () => {
    const many = Array.from({ length: 1_000 }, (_, id) => fix({ id, lon: 100 + id / 100 }));
    const fleet = fleetOf(...many);
    expect(fleet.count).toBe(1_000);
    expect(fleet.shown(0, 0)?.lon).toBeCloseTo(100, 9);
    expect(fleet.shown(999, 0)?.lon).toBeCloseTo(109.99, 9);
  });

  it('is empty when all have left and takes the same vehicle again', () => {
    const fleet = fleetOf(fix({ id: 1 }), fix({ id: 2 }));
    fleet.apply({ upsert: [], remove: [1, 2] }, 0);
    expect(fleet.count).toBe(0);
    move(fleet, { id: 2 }, 0);
    expect(fleet.shown(2, 0)?.id).toBe(2);
  });

  it('packs places to the millimetre relative to an origin nearby', () => {
    const fleet = fleetOf(
      fix({}),
      fix({ id: 2, lat: LAT + metres(10_000), status: 3, heading: 45 }),
    );
    const out = new Float32Array(2 * PACKED_FLOATS);
    const [x, y] = [mercatorX(LON), mercatorY(LAT)];
    fleet.pack(out, x, y, -1_000);
    expect(out[0]).toBe(0);
    const exact = mercatorY(LAT + metres(10_000)) - y;
    const millimetre = 1 / 40_075_016_686;
    expect(Math.abs((out[PACKED_FLOATS + 3] ?? 0) - exact)).toBeLessThan(millimetre);
    expect([...out.slice(PACKED_FLOATS + 4)]).toEqual([1, 1, 45, 0, 3]);
  });
});

import { describe, expect, it } from 'vitest';
import { Fleet } from './fleet';
import { type Camera, pick, visibleSlots } from './pick';
import type { LiveVehicle } from './protocol';

/** Looks straight down on the whole world: Mercator 0..1 fills 1000 by 1000 pixels. */
const CAMERA: Camera = {
  matrix: [2, 0, 0, 0, 0, -2, 0, 0, 0, 0, 1, 0, -1, 1, 0, 1],
  width: 1000,
  height: 1000,
};

function at(id: number, lon: number): LiveVehicle {
  return { id, lon, lat: 0, heading: 0, speedKmh: 0, fixMs: 0, status: 1, plate: String(id) };
}

function fleetOf(...vehicles: LiveVehicle[]): Fleet {
  const fleet = new Fleet();
  fleet.apply({ upsert: vehicles, remove: [] }, 0);
  return fleet;
}

describe('picking', () => {
  it('finds the nearest of two marks that overlap', () => {
    // 3.6 degrees are ten pixels.
    const fleet = fleetOf(at(1, 0), at(2, 3.6));
    expect(pick(fleet, CAMERA, 503, 500, 14, 0)).toBe(1);
    expect(pick(fleet, CAMERA, 507, 500, 14, 0)).toBe(2);
  });

  it('finds nothing beyond the radius', () => {
    expect(pick(fleetOf(at(1, 0)), CAMERA, 500, 515, 14, 0)).toBeNull();
  });

  it('looks where the mark is drawn now, not where it will arrive', () => {
    const fleet = fleetOf(at(1, 0));
    fleet.apply({ upsert: [{ ...at(1, 0.004), fixMs: 2_000 }], remove: [] }, 0);
    const close: Camera = {
      matrix: [2e5, 0, 0, 0, 0, -2e5, 0, 0, 0, 0, 1, 0, -1e5, 1e5, 0, 1],
      width: 1000,
      height: 1000,
    };
    // 0.004 degrees are 1111 pixels of this camera.
    expect(pick(fleet, close, 500, 500, 14, 0)).toBe(1);
    expect(pick(fleet, close, 500, 500, 14, 60_000)).toBeNull();
  });

  it('sees nothing behind a tilted camera', () => {
    const behind: Camera = {
      ...CAMERA,
      matrix: [2, 0, 0, 0, 0, -2, 0, 0, 0, 0, 1, 0, -1, 1, 0, -1],
    };
    expect(pick(fleetOf(at(1, 0)), behind, 500, 500, 1_000, 0)).toBeNull();
  });
});

describe('the visible vehicles', () => {
  it('are those inside the window, up to the limit', () => {
    const fleet = fleetOf(at(1, 0), at(2, 10), at(3, 20));
    const half: Camera = {
      ...CAMERA,
      matrix: [4, 0, 0, 0, 0, -4, 0, 0, 0, 0, 1, 0, -3.2, 2, 0, 1],
    };
    expect(visibleSlots(fleet, CAMERA, 10, 0).map((slot) => fleet.idAt(slot))).toEqual([1, 2, 3]);
    expect(visibleSlots(fleet, CAMERA, 2, 0)).toHaveLength(2);
    expect(visibleSlots(fleet, half, 10, 0).map((slot) => fleet.idAt(slot))).toEqual([3]);
  });
});

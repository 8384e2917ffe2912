import { expect, it } from 'vitest';
import { ApiProblem } from '../api/client';
import { decodeTracks, NOT_TOLD } from './decode';
import { encoded } from './sample';

const BASE = Date.parse('2026-11-27T00:00:00+08:00');
const good = () =>
  encoded(BASE, {
    12: [
      [BASE + 1000, 105.5, 36.5, 43.2, 90],
      [BASE + 2000, 105.6, 36.5],
    ],
    15: [],
  });

function refusal(bytes: ArrayBuffer): string {
  try {
    decodeTracks(bytes);
  } catch (cause) {
    expect(cause).toBeInstanceOf(ApiProblem);
    return (cause as ApiProblem).detail.en;
  }
  return 'taken';
}

function spoilt(change: (view: DataView) => void): ArrayBuffer {
  const bytes = good();
  change(new DataView(bytes));
  return bytes;
}

it('gives each vehicle its positions, and an empty slice to one that has none', () => {
  const { baseMs, slices } = decodeTracks(good());
  expect(baseMs).toBe(BASE);
  const one = slices.get(12);
  expect([...(one?.ms ?? [])]).toEqual([1000, 2000]);
  expect(one?.lon[0]).toBe(1_055_000_000);
  expect([...(one?.speed ?? [])]).toEqual([432, NOT_TOLD]);
  expect([...(one?.heading ?? [])]).toEqual([900, NOT_TOLD]);
  expect(slices.get(15)?.ms).toHaveLength(0);
  expect(slices.has(99)).toBe(false);
});

it('reads columns where they are, without copying them', () => {
  const bytes = good();
  expect(decodeTracks(bytes).slices.get(12)?.ms.buffer).toBe(bytes);
});

it('says what is wrong with an answer that is not one', () => {
  expect(refusal(new ArrayBuffer(5))).toBe('only 5 bytes');
  expect(refusal(spoilt((view) => view.setUint8(0, 65)))).toBe('these are no tracks');
  expect(refusal(good().slice(0, -1))).toContain('bytes were announced');
  expect(refusal(spoilt((view) => view.setUint32(12, 4_000_000_000, true)))).toContain('announced');
  expect(refusal(spoilt((view) => view.setFloat64(16, Number.NaN, true)))).toContain('base time');
});

it('refuses slices outside the columns, ids that are none and a time that runs backwards', () => {
  expect(refusal(spoilt((view) => view.setUint32(36, 3, true)))).toContain('out of bounds');
  expect(refusal(spoilt((view) => view.setFloat64(24, 1.5, true)))).toContain('no valid id');
  expect(refusal(spoilt((view) => view.setFloat64(40, 12, true)))).toContain('no valid id');
  expect(refusal(spoilt((view) => view.setUint32(56, 9000, true)))).toContain('back in time');
  expect(refusal(spoilt((view) => view.setInt32(64, 1_900_000_000, true)))).toContain('outside');
});

import { expect, it } from 'vitest';
import { Player } from './player';

const player = (atMs = 1_000) => new Player({ fromMs: 0, toMs: 100_000 }, atMs);

it('time goes as many times faster as it is told, and stands while it is paused', () => {
  const one = player();
  one.advance(100);
  expect(one.atMs).toBe(1_000);
  one.play();
  one.advance(100);
  expect(one.atMs).toBe(1_000 + 1_600);
  one.speed = 256;
  one.advance(100);
  expect(one.atMs).toBe(2_600 + 25_600);
  one.pause();
  one.advance(100);
  expect(one.atMs).toBe(28_200);
});

it('it stops at the end, and plays from the beginning again', () => {
  const one = player(99_990);
  one.play();
  one.advance(100);
  expect([one.atMs, one.playing]).toEqual([100_000, false]);
  one.play();
  expect([one.atMs, one.playing]).toEqual([0, true]);
});

it('no moment is outside the window, whatever is asked for', () => {
  const one = player(-5);
  expect(one.atMs).toBe(0);
  one.seek(1e9);
  expect(one.atMs).toBe(100_000);
  one.rebound({ fromMs: 0, toMs: 50_000 });
  expect(one.atMs).toBe(50_000);
});

it('the speeds are steps, and the last ones stay', () => {
  const one = player();
  for (let times = 0; times < 20; times += 1) one.faster();
  expect(one.speed).toBe(256);
  for (let times = 0; times < 20; times += 1) one.slower();
  expect(one.speed).toBe(1);
  one.faster();
  expect(one.speed).toBe(2);
});

it('a page that was hidden goes on where it was', () => {
  const one = player();
  one.play();
  one.advance(60_000);
  expect(one.atMs).toBe(17_000);
});

it('it waits for positions that are not here yet', () => {
  const one = player();
  one.play();
  one.advance(100, () => false);
  expect([one.atMs, one.playing]).toEqual([1_000, true]);
});

it('standstill is passed over only when asked to, and never backwards', () => {
  const one = player();
  one.play();
  one.advance(100, undefined, () => 50_000);
  expect(one.atMs).toBe(50_000);
  one.advance(100, undefined, () => 40_000);
  expect(one.atMs).toBe(51_600);
});

it('a trip that is played ends with it, and the next play goes on', () => {
  const one = player();
  one.play(5_000);
  one.advance(250);
  expect([one.atMs, one.playing]).toEqual([5_000, false]);
  one.play();
  one.advance(250);
  expect([one.atMs, one.playing]).toEqual([9_000, true]);
});

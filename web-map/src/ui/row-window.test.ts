import { expect, it } from 'vitest';
import { rowWindow } from './row-window';

it('ten thousand rows cost no more than a screenful and its margin', () => {
  expect(rowWindow(0, 560, 56, 10_000)).toEqual({ first: 0, end: 18 });
  expect(rowWindow(56_000, 560, 56, 10_000)).toEqual({ first: 992, end: 1_018 });
});

it('the window ends with the list', () => {
  expect(rowWindow(0, 560, 56, 3)).toEqual({ first: 0, end: 3 });
});

it('a list that shrank under a scrolled window is empty and not upside down', () => {
  expect(rowWindow(56_000, 560, 56, 3)).toEqual({ first: 3, end: 3 });
});

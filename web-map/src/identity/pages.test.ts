import { expect, test } from 'vitest';
import { isPageOf } from './pages';

test('documents are pages of the modules, tasks are not', () => {
  expect(isPageOf('/modules', '/modules')).toBe(true);
  expect(isPageOf('/modules', '/modules/repair/new')).toBe(true);
  expect(isPageOf('/modules', '/documents/7/edit')).toBe(true);
  expect(isPageOf('/modules', '/tasks')).toBe(false);
  expect(isPageOf('/tasks', '/tasks')).toBe(true);
  expect(isPageOf('/account', '/account/password')).toBe(false);
  expect(isPageOf('/seals', '/seals/new')).toBe(true);
});

import { beforeEach, expect, test } from 'vitest';
import { setLang } from '../i18n';
import { accountOf, whoOf } from './who';

beforeEach(() => setLang('zh'));

test('an account reads as the name of its person, and keeps its login', () => {
  const refs = { accounts: { supervisor: '示例主管' } };
  expect(accountOf('supervisor', refs)).toEqual({ name: '示例主管', login: 'supervisor' });
});

test('a login that nobody has named reads as itself', () => {
  expect(accountOf('gone', { accounts: {} })).toEqual({ name: 'gone', login: 'gone' });
  expect(accountOf('gone', undefined).name).toBe('gone');
  expect(whoOf('gone', '').name).toBe('gone');
});

test('what the program has done is nobody’s, in both languages', () => {
  expect(whoOf('program', '')).toEqual({ name: '系统', login: undefined });
  setLang('en');
  expect(whoOf('program', 'program').name).toBe('System');
  expect(whoOf(null, null).name).toBe('System');
});

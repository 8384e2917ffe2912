import { expect, test } from 'vitest';
import { returnPath, signInPath } from './return-to';

const HERE = 'https://map.example.gov';

test.each([
  '/',
  '/?at=building:42&c=105.5,36.5,12',
  '/admin/users',
  '/screen?lang=en#top',
  '/?q=https://elsewhere.example/',
])('%s is a way back', (to) => {
  expect(returnPath(to, HERE)).toBe(to);
});

test.each([
  'https://elsewhere.example/',
  '//elsewhere.example/',
  '/\\elsewhere.example/',
  '\\\\elsewhere.example',
  '/\t/elsewhere.example/',
  '/\n/elsewhere.example/',
  ' //elsewhere.example/',
  '/.//elsewhere.example/',
  '/a/..//elsewhere.example/',
  '/%2e//elsewhere.example/',
  'javascript:alert(1)',
  'data:text/html,hello',
  'admin/users',
  '',
])('%j is none', (to) => {
  expect(returnPath(to, HERE)).toBeNull();
});

test('what is no single text is none', () => {
  for (const to of [undefined, null, ['/', '/admin'], 7]) expect(returnPath(to, HERE)).toBeNull();
});

test('a full address of this very host is none either: only paths are', () => {
  expect(returnPath(`${HERE}/admin/users`, HERE)).toBeNull();
});

test('the sign-in page does not come back to itself', () => {
  expect(returnPath('/sign-in?to=/', HERE)).toBeNull();
  expect(signInPath('/sign-in?to=%2Fadmin')).toBe('/sign-in');
});

test('the sign-in page keeps the address, and the map alone needs none', () => {
  expect(signInPath('/')).toBe('/sign-in');
  const path = signInPath('/?at=room:7&lang=en');
  expect(new URL(path, HERE).searchParams.get('to')).toBe('/?at=room:7&lang=en');
});

import { expect, test } from 'vitest';
import { inAppearance } from './appearance';

const LIGHT_ZH = { lang: 'zh', theme: 'light' } as const;
const DARK_EN = { lang: 'en', theme: 'dark' } as const;

test('a path that says it already stays as it is, to the letter', () => {
  for (const path of ['/', '/?at=room:7&c=105.5,36.5,12', '/admin/audit#end']) {
    expect(inAppearance(path, LIGHT_ZH)).toBe(path);
  }
  expect(inAppearance('/?theme=dark&lang=en', DARK_EN)).toBe('/?theme=dark&lang=en');
});

test('what was chosen at the door goes along', () => {
  expect(inAppearance('/', DARK_EN)).toBe('/?lang=en&theme=dark');
  expect(inAppearance('/admin/users?q=a#b', DARK_EN)).toBe('/admin/users?q=a&lang=en&theme=dark#b');
});

test('what was chosen at the door wins over the address', () => {
  expect(inAppearance('/?theme=dark&lang=en', LIGHT_ZH)).toBe('/');
});

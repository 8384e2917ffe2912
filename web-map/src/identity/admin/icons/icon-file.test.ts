import { beforeEach, expect, test } from 'vitest';
import type { Icon } from '../../../api/icons';
import { setLang } from '../../../i18n';
import { iconsFound, isIconName, nameFromFile } from './icon-file';

beforeEach(() => setLang('zh'));

test('a name is small letters, digits and dashes', () => {
  for (const good of ['a', 'fire-hydrant', 'bus2', 'a'.repeat(40)]) {
    expect(isIconName(good), good).toBe(true);
  }
  for (const bad of ['', 'A', '2bus', '-a', 'a b', '食堂', 'a.svg', 'a'.repeat(41)]) {
    expect(isIconName(bad), bad).toBe(false);
  }
});

test('a file suggests a name, or none', () => {
  expect(nameFromFile('Fire Hydrant (24px).svg')).toBe('fire-hydrant-24px');
  expect(nameFromFile('2_bus_stop.SVG')).toBe('bus-stop');
  expect(nameFromFile('食堂.svg')).toBe('');
  expect(isIconName(nameFromFile(`${'long-name-'.repeat(9)}.svg`))).toBe(true);
});

test('icons are found by name, title, layer and what they stand for', () => {
  const icon = (name: string, zh: string, what?: string): Icon => ({
    name,
    title: { zh, en: name },
    origin: 'shipped',
    href: `/api/v1/icons/${name}`,
    uses: what
      ? [
          {
            layer_id: 'facilities',
            layer: { zh: '设施', en: 'Facilities' },
            what: { zh: what, en: what },
            light: '#000000',
            dark: '#ffffff',
          },
        ]
      : [],
  });
  const icons = [
    icon('canteen', '食堂', '食堂'),
    icon('gate', '门岗', '门岗'),
    icon('flag', '旗帜'),
  ];
  const names = (typed: string) => iconsFound(icons, typed).map(({ name }) => name);
  expect(names('')).toHaveLength(3);
  expect(names('食')).toEqual(['canteen']);
  expect(names('设施')).toEqual(['canteen', 'gate']);
  expect(names('FLAG')).toEqual(['flag']);
  expect(names('设施 gate')).toEqual(['gate']);
  expect(names('bus')).toEqual([]);
});

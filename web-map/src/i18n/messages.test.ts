import { expect, test } from 'vitest';
import { en, type MessageKey, setLang, t, zh } from '.';

const keys = Object.keys(zh) as MessageKey[];
const slots = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
const forms = (text: string) => text.split('|').length;

test('both languages have the same keys', () => {
  expect(Object.keys(en).sort()).toEqual([...keys].sort());
});

test('every message takes the same values and has as many forms in both languages', () => {
  const shape = (text: string) => [[...new Set(slots(text))], forms(text)];
  for (const key of keys) expect(shape(en[key]), key).toEqual(shape(zh[key]));
});

/** Units, codes, keys and names that are the same in every language. */
const LATIN_ALLOWED =
  /\{\w+\}|WebGL2?|WGS 84|km\/h|km²|m²|km|GPS|MQTT|\bm\b|FPS|CSV|PDF|SVG|Excel|MB|KB|Ctrl\+[CYZ]|JT\/T 808|7E/g;

test('no Latin word leaks into Chinese', () => {
  const leaks = keys.filter((key) => /[A-Za-z]/.test(zh[key].replace(LATIN_ALLOWED, '')));
  expect(leaks).toEqual([]);
});

test('no Chinese leaks into English', () => {
  const leaks = keys.filter((key) => /\p{Script=Han}/u.test(en[key]));
  expect(leaks).toEqual([]);
});

test('English counts one thing and several', () => {
  setLang('en');
  expect(t('floors.rooms', { n: 1 })).toBe('1 room');
  expect(t('floors.rooms', { n: 12 })).toBe('12 rooms');
  expect(t('floors.rooms', { n: 0 })).toBe('no rooms');
  setLang('zh');
  expect(t('floors.rooms', { n: 12 })).toBe('12 间');
});

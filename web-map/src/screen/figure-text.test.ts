import { afterEach, expect, it } from 'vitest';
import { setLang } from '../i18n';
import { figureText } from './figure-text';

afterEach(() => setLang('zh'));

it('a count has no unit and its thousands are grouped', () => {
  expect(figureText({ value: 20_311 })).toEqual({ value: '20,311', unit: '' });
});

it('a large area is told in 万㎡ to Chinese readers and in km² to others', () => {
  const area = { value: 12_345_678, unit: 'm2' };
  expect(figureText(area)).toEqual({ value: '1,234.6', unit: '万㎡' });
  setLang('en');
  expect(figureText(area)).toEqual({ value: '12.35', unit: 'km²' });
});

it('a small area stays in square metres', () => {
  expect(figureText({ value: 12.46, unit: 'm2' })).toEqual({ value: '12.5', unit: '㎡' });
  expect(figureText({ value: 99_999, unit: 'm2' })).toEqual({ value: '99,999', unit: '㎡' });
});

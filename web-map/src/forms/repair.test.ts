import { expect, test } from 'vitest';
import { CATEGORIES, emptyRepair, missingIn, repairBody } from './repair';

test('an empty ticket lacks a title, a category and a description', () => {
  expect(missingIn(emptyRepair())).toEqual(['title', 'category', 'description']);
});

test('blanks are not an answer', () => {
  const draft = { ...emptyRepair(), title: '  ', category: '电', description: '灯不亮' };
  expect(missingIn(draft)).toEqual(['title']);
});

test('the body keeps a contact only when there is one', () => {
  const draft = { ...emptyRepair(), category: '电', description: ' 灯不亮 ' };
  expect(repairBody(draft)).toEqual({ category: '电', urgency: 'normal', description: '灯不亮' });
  expect(repairBody({ ...draft, contact: '6001' })).toHaveProperty('contact', '6001');
});

test('the categories are those of the contract', () => {
  expect(CATEGORIES.map(({ value }) => value)).toEqual([
    '水',
    '电',
    '空调',
    '门窗',
    '网络',
    '其他',
  ]);
});

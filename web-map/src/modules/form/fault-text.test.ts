import { beforeEach, expect, test } from 'vitest';
import type { Kind } from '../../api/modules';
import { setLang } from '../../i18n';
import { faultText } from './fault-text';

beforeEach(() => setLang('zh'));

const area = { name: 'area', title: { zh: '面积', en: 'Area' } };
const kind = { fields: [area], lines: { fields: [area] } } as unknown as Kind;
const message = { zh: '需要填写', en: 'is needed' };

test.each([
  ['body.area', '面积：需要填写'],
  ['lines.1.area', '第 2 行 面积：需要填写'],
  ['feature_ids', '位置：需要填写'],
  ['body.gone', '需要填写'],
  ['other.0', '需要填写'],
])('%s reads as %s', (path, text) => {
  expect(faultText({ path, message }, kind)).toBe(text);
});

/** Whoever looks after terminals reads their frames byte by byte. */
import type { Page } from '@playwright/test';
import { expect, mapIsDrawn, seriousAxeFindings, signInAs, test } from './test';

const SAMPLE =
  '7E02000026123456789012007D02000000010000000200BA7F0E07E4F11C0028003C00001810151010100104000000640202007D01137E';
/** The browser writes a refusal into its console. */
const REFUSED = /status of 400/;

const row = (page: Page, field: string) =>
  page.getByRole('row').filter({ has: page.getByRole('button', { name: field, exact: true }) });
const hexInUrl = (page: Page) => new URL(page.url()).searchParams.get('hex');

test('frames are explained from the menu on, and a spoilt byte is told', async ({
  page,
  tolerate,
}) => {
  tolerate(REFUSED);
  await signInAs(page, 'admin');
  await page.goto('/');
  await mapIsDrawn(page);
  await page.getByRole('button', { name: '账号菜单' }).click();
  const menu = page.getByRole('dialog', { name: '账号菜单' });
  await menu.getByRole('link', { name: '报文解析' }).click();
  await expect(page).toHaveURL(/\/tools\/frames$/);
  await expect(page.getByText('逐字节查看含义')).toBeVisible();

  await page.getByRole('button', { name: '示例' }).click();
  await expect(row(page, '纬度')).toContainText('12.222222');
  await expect(row(page, '报警标志')).toContainText('紧急报警');
  await expect(row(page, '油量')).toContainText('12.5 L');
  await expect(page.getByText('共 1 帧')).toContainText('没有错误');
  await expect.poll(() => hexInUrl(page)).toBe(SAMPLE);
  expect(await seriousAxeFindings(page)).toEqual([]);

  // The last byte of the latitude: the checksum does not fit any more.
  const text = page.getByRole('textbox', { name: '十六进制报文' });
  const spoilt = SAMPLE.replace('00BA7F0E', '00BA7F0F');
  await text.fill(spoilt);
  await expect(page.getByText('共 1 帧')).toContainText('1 处错误');
  await expect(row(page, '纬度')).toContainText('12.222223');
  const checksum = row(page, '校验码');
  await expect(checksum).toContainText('应为 12');
  await expect(checksum.getByRole('img', { name: '错误' })).toBeVisible();
  await expect.poll(() => hexInUrl(page)).toBe(spoilt);
  expect(await seriousAxeFindings(page)).toEqual([]);
  await page.getByRole('button', { name: '下一处错误' }).click();
  await expect(checksum.getByRole('button', { name: '校验码' })).toBeFocused();

  await text.fill('7E 02 xx');
  await expect(page.getByRole('alert')).toContainText('十六进制');
  await expect(page.getByRole('table')).toHaveCount(0);
  await page.getByRole('button', { name: '清空' }).click();
  await expect(page).toHaveURL(/\/tools\/frames$/);
});

test('a link shows its frames to anybody who is signed in, and bytes and rows go together', async ({
  page,
}) => {
  await signInAs(page, 'supervisor');
  const two = `${SAMPLE}\n${SAMPLE.replace(/137E$/, '147E')}`;
  await page.goto(`/tools/frames?${new URLSearchParams({ hex: two })}`);
  await expect(page.getByText('共 2 帧')).toContainText('1 处错误');
  await expect(page.getByRole('textbox', { name: '十六进制报文' })).toHaveValue(two);

  const first = page.locator('[data-frame="1"]');
  const bytes = first.getByRole('group', { name: '第 1 帧的字节' });
  await first.getByRole('button', { name: '经度', exact: true }).hover();
  await expect(bytes.locator('.active .byte')).toHaveText(['07', 'E4', 'F1', '1C']);
  await bytes.getByRole('button', { name: '消息ID' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(bytes.getByRole('button', { name: '消息体属性' })).toBeFocused();
  // Sixteen bytes on.
  await page.keyboard.press('ArrowDown');
  await expect(bytes.getByRole('button', { name: '状态' })).toBeFocused();
});

test('a phone has room for sixteen bytes a row, in both themes', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const theme of ['light', 'dark']) {
    await page.goto(`/tools/frames?${new URLSearchParams({ hex: SAMPLE, theme })}`);
    await expect(row(page, '纬度')).toContainText('12.222222');
    const wide = await page.evaluate(
      () =>
        [document.documentElement, ...document.querySelectorAll('main, .hex')].filter(
          (box) => box.scrollWidth > box.clientWidth,
        ).length,
    );
    expect(wide).toBe(0);
    expect(await seriousAxeFindings(page)).toEqual([]);
  }
});

/** Personal fields are masked; who may sees them in clear for a while, with a reason that stays on file. */
import type { Page } from '@playwright/test';
import { expect, mapIsDrawn, ownPage, seriousAxeFindings, signInAs, test } from './test';

const UNMASK = '/api/v1/session/unmask';

test.afterEach(async ({ page }) => {
  await page.request.delete(UNMASK, ownPage());
});

test('the account menu shows in clear after a reason, counts down, and masks again', async ({
  page,
}) => {
  await signInAs(page, 'supervisor');
  expect((await session(page)).masked).not.toEqual([]);
  await page.goto('/');
  await mapIsDrawn(page);
  await page.getByRole('button', { name: '账号菜单' }).click();
  await page.getByRole('button', { name: '查看明文…' }).click();

  const dialog = page.getByRole('dialog', { name: '查看明文' });
  const reason = dialog.getByLabel('理由');
  await expect(dialog.getByText('将记入审计日志')).toBeVisible();
  await expect(reason).toBeFocused();
  expect(await seriousAxeFindings(page)).toEqual([]);
  await reason.fill('x');
  await dialog.getByRole('button', { name: '查看明文' }).click();
  await expect(dialog.getByRole('alert')).toContainText('2 至 200 个字');
  await expect(reason).toBeFocused();
  await reason.fill('端到端测试：联系报修人');
  await page.keyboard.press('Control+Enter');

  const chip = page.getByRole('group', { name: '明文显示中' });
  await expect(dialog).toHaveCount(0);
  await expect(chip.getByRole('timer')).toHaveText(/^(10:00|9:5\d)$/);
  expect((await session(page)).masked).toEqual([]);

  // Loaded anew the page goes on counting where it was.
  await page.reload();
  await expect(chip.getByRole('timer')).toHaveText(/^9:\d\d$/);
  const { unmasked_until } = await session(page);
  const left = (Date.parse(unmasked_until) - Date.now()) / 1000;
  const [minutes, seconds] = ((await chip.getByRole('timer').textContent()) ?? '').split(':');
  expect(Math.abs(Number(minutes) * 60 + Number(seconds) - left)).toBeLessThan(3);

  await chip.getByRole('button', { name: '恢复脱敏' }).click();
  await expect(chip).toHaveCount(0);
  const after = await session(page);
  expect(after.masked).not.toEqual([]);
  expect(after.unmasked_until).toBeNull();
});

test('the reason is in the audit log, which is saved as a file', async ({ page }) => {
  await signInAs(page, 'supervisor');
  const lifted = await page.request.post(UNMASK, {
    ...ownPage(),
    data: { reason: '端到端测试：核对车牌' },
  });
  expect(lifted.status()).toBe(200);
  await page.request.delete(UNMASK, ownPage());

  await signInAs(page, 'auditor');
  await page.goto('/admin/audit');
  await page.getByLabel('账号', { exact: true }).fill('supervisor');
  await expect(page.locator('[data-audit]').first()).toBeVisible();
  const saved = page.waitForEvent('download');
  const link = page.getByRole('link', { name: '导出 CSV' });
  await expect(link).toHaveAttribute('href', /actor=supervisor/);
  await link.click();
  const download = await saved;
  expect(new URL(download.url()).searchParams.get('actor')).toBe('supervisor');
  const text = await textOf(await download.createReadStream());
  expect(text).toContain('端到端测试：核对车牌');
  expect(text).not.toContain('auditor');
});

test('ending it elsewhere reaches the open map', async ({ page }) => {
  await signInAs(page, 'supervisor');
  await page.request.post(UNMASK, { ...ownPage(), data: { reason: '端到端测试' } });
  await page.goto('/');
  const chip = page.getByRole('group', { name: '明文显示中' });
  await expect(chip).toBeVisible();
  await expect(page.getByText('实时连接正常')).toBeVisible();
  expect((await page.request.delete(UNMASK, ownPage())).status()).toBe(204);
  await expect(chip).toHaveCount(0);
});

test('whoever may not is offered nothing, and is refused', async ({ page }) => {
  await signInAs(page, 'wall');
  expect((await session(page)).permissions).not.toContain('unmask');
  const refused = await page.request.post(UNMASK, { ...ownPage(), data: { reason: '端到端测试' } });
  expect(refused.status()).toBe(403);
  await page.goto('/');
  await page.getByRole('button', { name: '账号菜单' }).click();
  await expect(page.getByRole('button', { name: '退出登录' })).toBeVisible();
  await expect(page.getByRole('button', { name: '查看明文…' })).toHaveCount(0);
});

test.describe('at the door', () => {
  test.use({ storageState: { cookies: [], origins: [] } });

  test('whoever comes back from single sign-on without an account is told the way out', async ({
    page,
    tolerate,
  }) => {
    tolerate(/status of 401/);
    await page.goto('/sign-in?fault=oidc-no-account');
    await expect(page.getByRole('alert')).toContainText('请联系系统管理员开通');
    await page.goto('/sign-in?fault=oidc-no-account&lang=en');
    await expect(page.getByRole('alert')).toContainText('system administrator can make one');
    await page.goto('/sign-in?fault=anything');
    await expect(page.getByRole('button', { name: '登录', exact: true })).toBeVisible();
    await expect(page.getByRole('alert')).toHaveCount(0);
  });
});

async function session(page: Page) {
  return (await page.request.get('/api/v1/session')).json();
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString('utf8');
}

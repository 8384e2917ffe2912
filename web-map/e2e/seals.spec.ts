/** Vehicles are sealed over a holiday, and the seal is withdrawn and brought back. */
import type { Locator, Page } from '@playwright/test';
import { sql } from './terminal';
import { expect, seriousAxeFindings, signInAs, test } from './test';

const REASON = '国庆节假日封存';
/** Of next year: no other test comes there. */
const YEAR = new Date(Date.now() + 8 * 3_600_000).getUTCFullYear() + 1;

let org = '';

const row = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text });
const drawer = (page: Page) => page.getByRole('complementary', { name: '封存车辆' });
const submit = (page: Page) => drawer(page).getByRole('button', { name: '封存车辆' });
const shown = (page: Page, state: string) =>
  page.getByRole('group', { name: '按状态筛选' }).getByRole('button', { name: state });

async function chooseOrg(form: Locator) {
  await form.getByRole('combobox', { name: '封存哪个单位的车辆' }).fill(org);
  await form.getByRole('option', { name: org, exact: true }).click();
}

test.describe.configure({ mode: 'serial' });

test.beforeAll(() => {
  org = sql("select name from org where code = 'U01'").trim();
  sql(`insert into calendar_day (day, is_working, name, citation)
       select d::date, false, '国庆节', '测试' from generate_series(date '${YEAR}-10-01', '${YEAR}-10-07', '1 day') d
       on conflict (day) do nothing`);
});

test.afterAll(() => {
  sql(`delete from calendar_day where citation = '测试'`);
});

test('the vehicles of a body are sealed over a holiday by one click', async ({ page }) => {
  await signInAs(page, 'dispatcher');
  await page.goto('/seals');
  await expect(page.getByText('还没有封存')).toBeVisible();
  await expect(page.getByText(/一有移动就自动报警/)).toBeVisible();
  await page.screenshot({ path: 'test-results/seals-empty.png' });
  expect(await seriousAxeFindings(page)).toEqual([]);
  await page.keyboard.press('n');
  await expect(page).toHaveURL(/\/seals\/new$/);

  const form = drawer(page);
  await submit(page).click();
  for (const fault of ['请选择单位', '请填写开始时间', '请填写结束时间', '请填写事由']) {
    await expect(form.getByText(fault)).toBeVisible();
  }
  expect(await seriousAxeFindings(page)).toEqual([]);
  await chooseOrg(form);
  const holiday = form.getByRole('button', { name: /^国庆节 10-01/ });
  await holiday.click();
  await expect(holiday).toHaveAttribute('aria-pressed', 'true');
  await expect(form.getByLabel('开始时间')).toHaveValue(`${YEAR}-10-01T00:00`);
  await expect(form.getByLabel('事由')).toHaveValue(REASON);
  await expect(form.getByText(/24:00，共 \d+ 天$/)).toBeVisible();
  await expect(form.getByRole('checkbox', { name: /用车申请/ })).toBeChecked();
  await page.screenshot({ path: 'test-results/seals-form.png' });
  expect(await seriousAxeFindings(page)).toEqual([]);
  await submit(page).click();

  await expect(page).toHaveURL(/\/seals$/);
  await expect(page.getByRole('status').filter({ hasText: '已封存' })).toBeVisible();
  await page.reload();
  const made = row(page, REASON);
  for (const text of [org, `${YEAR}-10-01`, '待生效', '凭用车申请可出车', 'dispatcher']) {
    await expect(made).toContainText(text);
  }
  await expect(made).toContainText(/全部 \d+ 辆/);
  await expect(made.getByRole('button', { name: '解封' })).toHaveCount(0);
  await page.screenshot({ path: 'test-results/seals-light.png' });
  expect(await seriousAxeFindings(page)).toEqual([]);
});

test('one that has not begun is withdrawn, and brought back', async ({ page }) => {
  await signInAs(page, 'dispatcher');
  await page.goto('/seals');
  await row(page, REASON).getByRole('button', { name: '作废' }).click();
  const dialog = page.getByRole('dialog', { name: `作废“${REASON}”？` });
  await expect(dialog).toContainText('作废后不会生效');
  expect(await seriousAxeFindings(page)).toEqual([]);
  await dialog.getByRole('button', { name: '作废' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(row(page, REASON)).toHaveCount(0);
  await page.getByRole('status').getByRole('button', { name: '撤销' }).click();
  await expect(row(page, REASON)).toContainText('待生效');
  await shown(page, '已作废').click();
  await expect(page).toHaveURL(/state=withdrawn$/);
  await expect(row(page, REASON)).toContainText('已作废');
  await expect(row(page, REASON).getByRole('button')).toHaveCount(0);
});

test('what was filled in is not lost by a step away', async ({ page }) => {
  await signInAs(page, 'dispatcher');
  await page.goto('/seals/new');
  await drawer(page)
    .getByRole('button', { name: /^国庆节/ })
    .click();
  await drawer(page).getByRole('button', { name: '取消' }).click();
  const dialog = page.getByRole('dialog', { name: '离开此页？' });
  await dialog.getByRole('button', { name: '继续填写' }).click();
  await expect(drawer(page).getByLabel('事由')).toHaveValue(REASON);
  await drawer(page).getByRole('button', { name: '取消' }).click();
  await dialog.getByRole('button', { name: '离开' }).click();
  await expect(page).toHaveURL(/\/seals$/);
});

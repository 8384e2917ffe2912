/** A module that was added as one folder of files has every page, without a line of this client for it. */
import { expect, mapIsDrawn, officeBuilding, seriousAxeFindings, test } from './test';

const THEME = 'window_cleaning_state';

test('an added module has a list, a form, documents, a theme and a place on the map', async ({
  page,
}) => {
  test.setTimeout(120_000);
  await page.goto('/modules');
  await page.getByRole('link', { name: '外窗清洗单' }).first().click();
  await expect(page).toHaveURL(/\/modules\/window_cleaning/);
  await expect(page.getByText('还没有单据')).toBeVisible();

  const building = await officeBuilding(page);
  await page.goto(`/?at=building:${building.id}`);
  await page.getByRole('button', { name: '新建', exact: true }).click();
  await page.getByRole('list', { name: '新建' }).getByRole('link', { name: '外窗清洗单' }).click();
  const title = `外窗清洗 ${Date.now()}`;
  await page.getByLabel('标题').fill(title);
  await page.getByLabel('清洗日期').fill('2026-03-02');
  await page.getByLabel('窗数').fill('0');
  await page.getByLabel('负责人').fill('赵示例');
  await page.getByRole('button', { name: '保存并下单' }).click();
  await expect(page.getByText(/窗数.*不能小于 1/)).toBeVisible();
  await page.getByLabel('窗数').fill('120');
  await page.getByRole('button', { name: '保存并下单' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: '下单' }).click();
  const head = page.getByRole('heading', { name: title, level: 2 });
  await expect(head).toContainText('待清洗');
  await expect(page.getByText(/QX-\d{4}-000001/).first()).toBeVisible();

  // From the document to its place, and what hangs off it.
  await page.getByRole('link', { name: building.name }).first().click();
  await expect(page).toHaveURL(new RegExp(`at=building:${building.id}`));
  await expect(page.locator('.record', { hasText: title })).toBeVisible();

  // The theme is in the layer tree, with its legend, and its tile has the building.
  await page.goto(`/?at=building:${building.id}&layers=${THEME}`);
  await mapIsDrawn(page);
  await expect(page.getByText('外窗清洗情况').first()).toBeVisible();
  await expect(page.getByText('待清洗').first()).toBeVisible();

  await page.goto('/modules/window_cleaning');
  await expect(page.getByRole('row', { name: new RegExp(title) })).toContainText('120');
  expect(await seriousAxeFindings(page)).toEqual([]);
});

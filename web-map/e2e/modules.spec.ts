/** The pages that follow from definitions: lists, forms, documents, their print and the inbox. */
import type { Page } from '@playwright/test';
import { expect, mapIsDrawn, officeBuilding, seriousAxeFindings, test } from './test';

test('a number of the overview opens the list it was counted from', async ({ page }) => {
  await page.goto('/modules');
  const row = page.getByRole('row', { name: /报修/ }).first();
  const open = row.getByRole('link', { name: /办理中/ });
  const count = Number(((await open.textContent()) ?? '').replace(/\D/g, ''));
  await open.click();
  await expect(page).toHaveURL(/\/modules\/repair\?phase=open/);
  await expect(page.getByText(new RegExp(`^共 ${count} 件`))).toBeVisible();
});

test('what a list shows stands in its address, and survives loading it again', async ({ page }) => {
  await page.goto('/modules/repair');
  await page.getByRole('button', { name: '筛选' }).click();
  await page
    .getByRole('group', { name: '类别' })
    .getByRole('button', { name: '电', exact: true })
    .click();
  await page.getByRole('button', { name: '更新时间' }).click();
  await expect(page).toHaveURL(/f\.category=/);
  await expect(page).toHaveURL(/sort=updated_at/);
  await page.reload();
  await expect(page.getByRole('columnheader', { name: '更新时间' })).toHaveAttribute(
    'aria-sort',
    'ascending',
  );
  await expect(page.getByRole('button', { name: /类别：电/ })).toBeVisible();
  await page.goBack();
  await expect(page).not.toHaveURL(/sort=/);
});

test('a row opens its document by mouse and by keyboard', async ({ page }) => {
  await page.goto('/modules/repair');
  const link = page.locator('tbody a.title').first();
  const title = ((await link.textContent()) ?? '').trim();
  await link.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: title })).toBeVisible();
  await page.goBack();
  await page
    .locator('tbody tr.row')
    .first()
    .click({ position: { x: 400, y: 10 } });
  await expect(page.getByRole('heading', { name: title })).toBeVisible();
});

test('an empty form says what is missing and goes to the first of it', async ({ page }) => {
  await page.goto('/modules/repair/new');
  await page.getByRole('button', { name: '提交' }).click();
  await expect(page.getByText('至少选择 1 个位置')).toBeVisible();
  await expect(page.getByLabel(/^位置/)).toBeFocused();
});

test('a place is chosen on the map, which opens where the map was last', async ({ page }) => {
  const { id, name } = await officeBuilding(page);
  const { lon, lat } = await (await page.request.get(`/api/v1/features/${id}`)).json();
  await page.goto(`/?c=${lon},${lat},18`);
  await mapIsDrawn(page);
  await page.getByRole('link', { name: '业务', exact: true }).click();
  await page.getByRole('link', { name: '新建报修', exact: true }).click();
  await expect(page).toHaveURL(/\/modules\/repair\/new/);
  const opener = page.getByRole('button', { name: '在地图上选择' });
  await opener.click();
  const dialog = page.getByRole('dialog', { name: '在地图上选择' });
  await mapIsDrawn(page);
  const map = dialog.locator('.maplibregl-canvas');
  const chip = dialog.getByRole('listitem').filter({ hasText: name });
  await map.click();
  await expect(chip).toBeVisible();
  await map.click();
  await expect(chip).toBeHidden();
  await map.click();
  await expect(chip).toBeVisible();
  expect(await seriousAxeFindings(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(opener).toBeFocused();
  await expect(page.getByRole('button', { name: `去掉${name}` })).toBeHidden();

  await opener.click();
  await mapIsDrawn(page);
  await map.click();
  await expect(chip).toBeVisible();
  await dialog.getByRole('button', { name: '确定' }).click();
  await expect(dialog).toBeHidden();
  await expect(opener).toBeFocused();
  await expect(page.getByRole('button', { name: `去掉${name}` })).toBeVisible();

  // What was done with the map in the dialog is not what the main map shows.
  await opener.click();
  await mapIsDrawn(page);
  await dialog.getByRole('button', { name: '放大' }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: '返回地图' }).click();
  await page
    .getByRole('dialog', { name: '离开此页？' })
    .getByRole('button', { name: '离开' })
    .click();
  await mapIsDrawn(page);
  const there = [lon, lat].map((degrees) => Number(degrees.toFixed(6))).join(',');
  expect(new URL(page.url()).searchParams.get('c')).toBe(`${there},18`);
});

test('what was filled in is not lost by a step elsewhere', async ({ page }) => {
  await page.goto('/modules/repair/new');
  await page.getByLabel('标题').fill('半途');
  await page.getByRole('link', { name: '全部业务' }).click();
  const question = page.getByRole('dialog', { name: '离开此页？' });
  await question.getByRole('button', { name: '继续填写' }).click();
  await expect(page.getByLabel('标题')).toHaveValue('半途');
  await page.getByRole('link', { name: '全部业务' }).click();
  await question.getByRole('button', { name: '离开' }).click();
  await expect(page).toHaveURL(/\/modules$/);
});

test('a comment and a file are added to a document', async ({ page }) => {
  await page.goto(`/documents/${await someRepair(page)}`);
  const words = `已联系报修人 ${Date.now()}`;
  await page.getByLabel('写下说明或答复').fill(words);
  await page.getByRole('button', { name: '发表' }).click();
  await expect(page.getByText(words)).toBeVisible();
  const name = `照片 ${Date.now()}.txt`;
  await page
    .locator('input[type="file"]')
    .setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from('灯') });
  await expect(page.getByRole('link', { name: `下载 ${name}` })).toBeVisible();
});

test('the printed form is A4, black on white in the dark theme too', async ({ page }) => {
  await page.goto(`/documents/${await someRepair(page)}/print?theme=dark`);
  const sheet = page.locator('.sheet');
  await expect(sheet.getByRole('heading', { name: '报修' })).toBeVisible();
  await expect(sheet.getByText('打印时间')).toBeVisible();
  await page.emulateMedia({ media: 'print' });
  await expect(page.getByRole('button', { name: /打印/ })).toBeHidden();
  await expect(sheet).toHaveCSS('color', 'rgb(0, 0, 0)');
  await expect(sheet).toHaveCSS('background-color', 'rgb(255, 255, 255)');
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
  const [, width, height] = /\/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)/.exec(pdf) ?? [];
  expect(Math.round(Number(width))).toBe(595);
  expect(Math.round(Number(height))).toBe(842);
});

test('the inbox has its four lists', async ({ page }) => {
  await page.goto('/tasks');
  for (const name of ['已办', '我发起的', '抄送我的', '待办']) {
    const button = page.getByRole('group', { name: '待办分类' }).getByRole('button', { name });
    await button.click();
    await expect(button).toHaveAttribute('aria-pressed', 'true');
  }
});

for (const theme of ['light', 'dark']) {
  test(`the pages of the modules are accessible in the ${theme} theme`, async ({ page }) => {
    const id = await someRepair(page);
    const pages = ['/modules', '/modules/repair', '/modules/repair/new', `/documents/${id}`];
    for (const path of [...pages, '/tasks']) {
      await page.goto(`${path}?theme=${theme}`);
      await expect(page.getByRole('heading', { level: 2 }).first()).toBeVisible();
      await expect(page.locator('.skeleton')).toHaveCount(0);
      expect(await seriousAxeFindings(page), path).toEqual([]);
    }
  });
}

test('on a phone nothing is wider than the window', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const id = await someRepair(page);
  for (const path of ['/modules', '/modules/repair', '/modules/repair/new', `/documents/${id}`]) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 2 }).first()).toBeVisible();
    const wide = await page.evaluate(() =>
      [...document.querySelectorAll('.content, .content > *')].some(
        (element) => element.scrollWidth > window.innerWidth + 1,
      ),
    );
    expect(wide, path).toBe(false);
  }
});

async function someRepair(page: Page): Promise<number> {
  const answer = await page.request.get('/api/v1/documents?kind=repair&limit=1');
  return (await answer.json()).items[0].doc_id;
}

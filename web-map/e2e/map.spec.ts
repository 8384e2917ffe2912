/** The map page, as somebody meets it who opens it for the first time. */
import { expect, mapIsDrawn, officeBuilding, seriousAxeFindings, test } from './test';

test('the browser under test draws with WebGL2', async ({ page }) => {
  await page.goto('/');
  const renderer = await page.evaluate(
    () => document.createElement('canvas').getContext('webgl2')?.getParameter(0x1f01) ?? null,
  );
  expect(renderer).not.toBeNull();
});

test('the map shows the demo city, its layers and where its data come from', async ({ page }) => {
  await page.goto('/');
  await mapIsDrawn(page);
  await expect(page).toHaveTitle('机关事务一张图');
  await expect(page.locator('[data-layer="buildings"]')).toContainText('房屋');
  await expect(page.getByText('示例数据（虚构）')).toBeVisible();
  expect(await drawnColours(page)).toBeGreaterThan(20);
});

test('a search opens a building on its ground floor, and going back closes it', async ({
  page,
}) => {
  const building = await officeBuilding(page);
  await page.goto('/');
  await mapIsDrawn(page);
  await page.keyboard.press('/');
  await page.keyboard.type(building.name);
  await expect(page.getByRole('option').first()).toContainText(building.name);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: building.name })).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`at=building:${building.id}`));
  await expect(page.getByRole('radiogroup').getByRole('radio', { checked: true })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('heading', { name: building.name })).toBeHidden();
});

test('the address restores the place, the floor, the theme and the language', async ({ page }) => {
  const building = await officeBuilding(page);
  const floor = building.floors.at(-1);
  await page.goto(
    `/?at=building:${building.id}&floor=${building.id}:${floor?.ordinal}&theme=dark&lang=en`,
  );
  await mapIsDrawn(page);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await expect(page.getByRole('heading', { name: building.name })).toBeVisible();
  const checked = page.getByRole('radiogroup').getByRole('radio', { checked: true });
  await expect(checked).toHaveAccessibleName(floor?.name ?? '');
});

test('the arrow keys walk through the floors', async ({ page }) => {
  const building = await officeBuilding(page);
  await page.goto(`/?at=building:${building.id}`);
  await mapIsDrawn(page);
  const checked = page.getByRole('radiogroup').getByRole('radio', { checked: true });
  await checked.focus();
  const before = await checked.textContent();
  await page.keyboard.press('ArrowUp');
  await expect(checked).not.toHaveText(before ?? '');
});

test('from far away facilities stand together, and a click goes nearer', async ({ page }) => {
  await page.goto('/?c=105.498,36.5,10');
  await mapIsDrawn(page);
  expect(await pointAtCluster(page)).toBe(true);
  await page.mouse.down();
  await page.mouse.up();
  await expect(page).toHaveURL(/[?&]c=[^&]+(,|%2C)12(&|$)/);
});

test('a repair is reported for a place, assigned and closed, and hangs off the place', async ({
  page,
}) => {
  const building = await officeBuilding(page);
  await page.goto(`/?at=building:${building.id}`);
  await page.getByRole('button', { name: '新建', exact: true }).click();
  await page.getByRole('list', { name: '新建' }).getByRole('link', { name: '报修' }).click();
  await expect(page).toHaveURL(new RegExp(`/modules/repair/new\\?feature=${building.id}`));
  await page.getByRole('button', { name: '提交' }).click();
  await expect(page.getByText('请选择类别')).toBeVisible();

  const title = `三层走廊灯不亮 ${Date.now()}`;
  await page.getByLabel('标题').fill(title);
  await page.getByRole('radio', { name: '电', exact: true }).check();
  await page.getByRole('radio', { name: '一般' }).check();
  await page.getByLabel('描述').fill('晚上六点起全部不亮');
  await page.getByRole('button', { name: '提交' }).click();
  await expect(page).toHaveURL(/\/documents\/\d+$/);
  const head = page.getByRole('heading', { name: title });
  await expect(head).toContainText('待派单');

  const dialog = page.getByRole('dialog');
  await page.getByRole('button', { name: '派单', exact: true }).click();
  await dialog.getByLabel('维修人员').fill('维修班');
  await dialog.getByRole('button', { name: '派单' }).click();
  await expect(head).toContainText('维修中');
  await page.getByRole('button', { name: '办结', exact: true }).click();
  await dialog.getByLabel('说明', { exact: true }).fill('已更换灯管');
  await dialog.getByRole('button', { name: '办结' }).click();
  await expect(head).toContainText('已办结');
  await expect(page.getByText('已更换灯管')).toBeVisible();

  await page.getByRole('link', { name: building.name }).first().click();
  await expect(page).toHaveURL(new RegExp(`at=building:${building.id}`));
  await expect(page.locator('.record', { hasText: title })).toBeVisible();
});

test('Escape closes the panel', async ({ page }) => {
  const building = await officeBuilding(page);
  await page.goto(`/?at=building:${building.id}`);
  await expect(page.getByRole('heading', { name: building.name })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { name: building.name })).toBeHidden();
});

test('a place that is not on file says so and offers to try again', async ({ page, tolerate }) => {
  tolerate(/404/);
  await page.goto('/?at=building:9007199254740991');
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page.getByRole('button', { name: '重试' })).toBeVisible();
});

for (const theme of ['light', 'dark']) {
  test(`the map with an open building is accessible in the ${theme} theme`, async ({ page }) => {
    const building = await officeBuilding(page);
    await page.goto(`/?at=building:${building.id}&theme=${theme}`);
    await mapIsDrawn(page);
    await expect(page.getByRole('radiogroup')).toBeVisible();
    expect(await seriousAxeFindings(page)).toEqual([]);
  });
}

test('on a phone the place is a sheet that steps through its heights and closes', async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const building = await officeBuilding(page);
  await page.goto(`/?at=building:${building.id}`);
  const sheet = page.getByRole('region', { name: '所选位置' });
  await expect(sheet).toBeVisible();
  const height = async () => (await sheet.boundingBox())?.height ?? 0;
  const half = await height();
  await page.getByRole('button', { name: /拖动以调整面板高度/ }).press('ArrowUp');
  await expect.poll(height).toBeGreaterThan(half + 100);
  await page.getByRole('button', { name: '关闭', exact: true }).click();
  await expect(sheet).toBeHidden();
});

/** How many different colours the screen shows: a blank map has few. */
/** Moves over the middle of the map until the pointer says that a click goes nearer. */
async function pointAtCluster(page: import('@playwright/test').Page): Promise<boolean> {
  const canvas = page.locator('.maplibregl-canvas');
  const box = await canvas.boundingBox();
  if (!box) return false;
  for (let reach = 0; reach <= 96; reach += 8) {
    for (let turn = 0; turn < 16; turn++) {
      const angle = (turn / 16) * 2 * Math.PI;
      const x = box.x + box.width / 2 + reach * Math.cos(angle);
      const y = box.y + box.height / 2 + reach * Math.sin(angle);
      await page.mouse.move(x, y);
      await page.evaluate(() => new Promise(requestAnimationFrame));
      const cursor = await canvas.evaluate((element) => element.style.cursor);
      if (cursor === 'zoom-in') return true;
    }
  }
  return false;
}

test('layers that travel as MapLibre Tiles are drawn like the others', async ({ page }) => {
  const types = new Set<string>();
  page.on('response', (response) => {
    if (response.url().includes('/tiles/parcels/') && response.status() === 200) {
      types.add(response.headers()['content-type'] ?? '');
    }
  });
  const others = [
    'vehicles',
    'buildings',
    'floors',
    'rooms',
    'roads',
    'water',
    'green',
    'facilities',
  ];
  const without = others.map((layer) => `-${layer}`);
  await page.goto(`/?layers=${[...without, '-parcels'].join(',')}`);
  await mapIsDrawn(page);
  const bare = await drawnColours(page);
  await page.goto(`/?layers=${without.join(',')}`);
  await mapIsDrawn(page);
  await expect.poll(() => drawnColours(page)).toBeGreaterThan(bare + 5);
  expect([...types]).toEqual(['application/vnd.maplibre-tile']);
});

async function drawnColours(page: import('@playwright/test').Page): Promise<number> {
  const shot = (await page.screenshot()).toString('base64');
  return page.evaluate(async (data) => {
    const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext('2d');
    if (!context) return 0;
    context.drawImage(image, 0, 0);
    const { data: pixels } = context.getImageData(360, 60, 900, 600);
    const colours = new Set<number>();
    for (let at = 0; at < pixels.length; at += 4) {
      colours.add(((pixels[at] ?? 0) << 16) | ((pixels[at + 1] ?? 0) << 8) | (pixels[at + 2] ?? 0));
    }
    return colours.size;
  }, shot);
}

/** An administrator changes an icon, and open maps show it. */
import type { Locator, Page } from '@playwright/test';
import { expect, mapIsDrawn, ownPage, seriousAxeFindings, signInAs, test } from './test';

const SQUARE =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20"><path d="M2 6h16v8H2z"/></svg>';

test.afterEach(async ({ page }) => {
  await signInAs(page, 'admin');
  for (const name of ['canteen', 'e2e-mark']) {
    await page.request.delete(`/api/v1/icons/${name}`, ownPage());
  }
});

test('an administrator replaces an icon, sees it on the map and in its legend, and resets it', async ({
  page,
  context,
}) => {
  await signInAs(page, 'admin');
  const canteen = await facilityNamed(page, '食堂');
  const sprites: string[] = [];
  page.on('request', (request) => {
    if (/\/sprites\/icons(@2x)?\.png/.test(request.url())) sprites.push(request.url());
  });
  // Without vehicles nothing but the icon can change what is drawn there.
  await page.goto(`/?c=${canteen.lon},${canteen.lat},19&layers=-vehicles`);
  await mapIsDrawn(page);
  await page.getByRole('button', { name: '“设施”的图例' }).click();
  const legend = page.locator('[data-layer="facilities"] [data-icon="canteen"]');
  await expect(legend).toBeVisible();
  const before = await maskOf(legend);
  await expect.poll(() => sprites.length).toBe(1);
  await expect.poll(() => middleOf(page).then(hasDiscWithIcon)).toBe(true);
  const drawnBefore = await middleOf(page);

  const desk = await context.newPage();
  await desk.goto('/admin/icons');
  const card = desk.locator('[data-icon-card="canteen"]');
  await expect(card).toContainText('设施：食堂');
  await expect(card).toContainText('随产品');
  await card.getByRole('button', { name: '替换图标“canteen”' }).click();
  const dialog = desk.getByRole('dialog', { name: '替换图标“canteen”' });
  await dialog
    .locator('input[type=file]')
    .setInputFiles(file('bad.svg', SQUARE.replace('path', 'image')));
  await dialog.getByRole('button', { name: '保存' }).click();
  await expect(dialog.getByRole('alert')).toContainText('<image>');
  await dialog.locator('input[type=file]').setInputFiles(file('square.svg', SQUARE));
  await expect(dialog.getByText('新的', { exact: true })).toBeVisible();
  expect(await seriousAxeFindings(desk)).toEqual([]);
  await dialog.getByRole('button', { name: '保存' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(card).toContainText('已替换');

  // The map that was open all the while shows it, without being loaded anew.
  await expect.poll(() => maskOf(legend)).not.toBe(before);
  await expect.poll(() => sprites.length).toBe(2);
  expect(sprites[1]).not.toBe(sprites[0]);
  await expect.poll(() => middleOf(page)).not.toEqual(drawnBefore);
  expect(hasDiscWithIcon(await middleOf(page))).toBe(true);

  await card.getByRole('button', { name: '恢复图标“canteen”' }).click();
  await desk.getByRole('dialog').getByRole('button', { name: '恢复', exact: true }).click();
  await expect(card).toContainText('随产品');
  await expect.poll(() => maskOf(legend)).toBe(before);
  await expect.poll(() => middleOf(page)).toEqual(drawnBefore);
});

test('an icon is added and removed, also on a phone, and others may only look', async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signInAs(page, 'admin');
  await page.goto('/admin/icons');
  await page.getByRole('button', { name: '添加图标' }).click();
  const dialog = page.getByRole('dialog', { name: '添加图标' });
  await dialog.locator('input[type=file]').setInputFiles(file('E2E mark.svg', SQUARE));
  await expect(dialog.getByLabel('名称')).toHaveValue('e2e-mark');
  await dialog.getByRole('button', { name: '保存' }).click();
  const card = page.locator('[data-icon-card="e2e-mark"]');
  await expect(card).toContainText('自定义');
  await expect(card).toContainText('没有图层使用');
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(390);
  await card.getByRole('button', { name: '移除图标“e2e-mark”' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '移除', exact: true }).click();
  await expect(card).toHaveCount(0);

  await signInAs(page, 'supervisor');
  await page.goto('/admin/icons');
  await expect(page).toHaveURL(/\/refused/);
  const refused = await page.request.put('/api/v1/icons/canteen', { ...ownPage(), data: SQUARE });
  expect(refused.status()).toBe(403);
});

const file = (name: string, text: string) => ({
  name,
  mimeType: 'image/svg+xml',
  buffer: Buffer.from(text),
});

/** What shapes the pictogram of a legend. */
const maskOf = (mask: Locator) => mask.evaluate((element) => getComputedStyle(element).maskImage);

/** The pixels in the middle of the map, as `r,g,b` in steps of 32. */
async function middleOf(page: Page): Promise<string[]> {
  const box = await page.locator('.maplibregl-canvas').boundingBox();
  if (!box) throw new Error('there is no map');
  const clip = {
    x: Math.round(box.x + box.width / 2) - 9,
    y: Math.round(box.y + box.height / 2) - 9,
    width: 18,
    height: 18,
  };
  const picture = (await page.screenshot({ clip })).toString('base64');
  return page.evaluate(async (base64) => {
    const image = new Image();
    image.src = `data:image/png;base64,${base64}`;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    const drawing = canvas.getContext('2d');
    drawing?.drawImage(image, 0, 0);
    const { data } = drawing?.getImageData(0, 0, image.width, image.height) ?? { data: [] };
    const pixels: string[] = [];
    for (let at = 0; at < data.length; at += 4) {
      pixels.push([...data.slice(at, at + 3)].map((part) => part >> 5).join());
    }
    return pixels;
  }, picture);
}

/** The orange of canteens with white on it. */
function hasDiscWithIcon(pixels: string[]): boolean {
  const count = (wanted: string) => pixels.filter((pixel) => pixel === wanted).length;
  return count('6,2,0') > 30 && count('7,7,7') > 20;
}

async function facilityNamed(page: Page, text: string): Promise<{ lon: number; lat: number }> {
  const answer = await page.request.get('/api/v1/search', { params: { q: text, limit: 50 } });
  const { items } = await answer.json();
  const found = items.find((one: { kind: string }) => one.kind === 'facility');
  expect(found, `a facility called ${text}`).toBeDefined();
  return found;
}

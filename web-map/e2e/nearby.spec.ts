/** A dispatcher asks which vehicles are nearest to a place, within an area and along a road. */
import { readFile } from 'node:fs/promises';
import type { Page, Request } from '@playwright/test';
import { enrol, publish, type Terminal } from './terminal';
import { expect, mapIsDrawn, officeBuilding, seriousAxeFindings, signInAs, test } from './test';

/** Far from the city and from the vehicles of other specs: what is found there is this one's. */
const AT: [number, number] = [105.62, 36.58];
const [LON, LAT] = AT;
const CAMERA = `c=${LON},${LAT},14`;
const DEGREE_M = 111_195;
/** In metres to the east. */
const CARS = [
  { plate: '澜A·E2E71', terminal: 'e2e-0071', eastM: 150 },
  { plate: '澜A·E2E72', terminal: 'e2e-0072', eastM: 400 },
] as const;
const [NEAR, FAR] = CARS;
const WITHIN = 1_000;

let terminals: Terminal[] = [];

const east = (metres: number): [number, number] => [
  LON + metres / (DEGREE_M * Math.cos((LAT * Math.PI) / 180)),
  LAT,
];
const place = ([lon, lat]: [number, number]) => `${lon.toFixed(6)},${lat.toFixed(6)}`;
const panel = (page: Page) => page.locator('.nearby', { has: page.getByRole('heading') });
const results = (page: Page) => panel(page).getByRole('listitem').getByRole('button');
const mode = (page: Page, name: string) =>
  page.getByRole('group', { name: '查找方式' }).getByRole('button', { name, exact: true });
const near = (page: Page) => new URL(page.url()).searchParams.get('near');

/** A place of the map, by its share of the width and of the height. */
async function press(
  page: Page,
  across: number,
  down: number,
  how: 'click' | 'dblclick' = 'click',
) {
  const box = await page.locator('.maplibregl-canvas').boundingBox();
  if (!box) throw new Error('there is no map');
  await page.mouse[how](box.x + box.width * across, box.y + box.height * down);
  // Two clicks in one place within the time of a double click are one.
  await page.waitForTimeout(600);
}

/** The positions are those of now: one that is silent for long is offline. */
function stand() {
  for (const [at, { eastM }] of CARS.entries()) {
    const [lon, lat] = east(eastM);
    const terminal = terminals[at];
    if (terminal) publish(terminal, [{ t: Date.now(), lon, lat, speed_kmh: 0, heading: 90 }]);
  }
}

async function open(page: Page, query: string) {
  stand();
  await page.goto(`/?${query}`);
  await mapIsDrawn(page);
}

test.describe.configure({ mode: 'serial' });

test('nearby: the way from the list of vehicles, and the nearest to a press on the map', async ({
  page,
}) => {
  terminals = [];
  for (const { terminal, plate } of CARS) terminals.push(await enrol(page, terminal, plate));
  await signInAs(page, 'dispatcher');
  stand();
  await expect
    .poll(
      async () =>
        (await (await page.request.get('/api/v1/vehicles?q=E2E7')).json()).items.filter(
          ({ lon }: { lon: number | null }) => lon !== null,
        ).length,
      { timeout: 20_000 },
    )
    .toBe(CARS.length);

  await open(page, CAMERA);
  await page.locator('.tabs').getByRole('button', { name: '车辆', exact: true }).click();
  await page.getByRole('button', { name: '周边车辆' }).click();
  await expect(page).toHaveURL(/list=nearby/);
  await expect(panel(page).getByText('点击地图选择地点')).toBeVisible();
  await page.screenshot({ path: 'test-results/nearby-empty.png' });
  await press(page, 0.5, 0.5);
  await expect(results(page).first()).toContainText(NEAR.plate);
  await expect(results(page).nth(1)).toContainText(FAR.plate);
  expect(near(page)).toMatch(/^105\.\d+,36\.\d+$/);
  // A press that answers the question chooses nothing beside it.
  expect(new URL(page.url()).searchParams.get('at')).toBeNull();
  await page.waitForTimeout(800);
  await page.screenshot({ path: 'test-results/nearby-point.png' });
  expect(await seriousAxeFindings(page)).toEqual([]);
});

test('nearby: a link asks the same question, and rows say how far and how old', async ({
  page,
}) => {
  await signInAs(page, 'dispatcher');
  await open(page, `near=${LON},${LAT}~${WITHIN}&${CAMERA}`);
  await expect(results(page)).toHaveCount(CARS.length);
  await expect(panel(page).getByRole('status')).toHaveText(`最近的 ${CARS.length} 辆`);
  await expect(results(page).first()).toContainText(/1[45]\d 米/);
  await expect(results(page).first()).toContainText(/\d+ (秒|分钟)前/);
  await expect(results(page).nth(1)).toContainText(/(39|40)\d 米/);
  const told = near(page);
  await page.reload();
  await mapIsDrawn(page);
  await expect(results(page)).toHaveCount(CARS.length);
  expect(near(page)).toBe(told);

  await page.getByLabel('最远距离').selectOption({ label: '不限' });
  await expect.poll(() => near(page)).toBe(`${LON},${LAT}`);
  await page.getByLabel('数量').selectOption('5');
  await expect.poll(() => near(page)).toBe(`${LON},${LAT}~~5`);
  await expect(results(page)).toHaveCount(5);
});

test('nearby: a filter by status is sent along, and nothing found says so', async ({ page }) => {
  await signInAs(page, 'dispatcher');
  await open(page, `near=${LON},${LAT}~${WITHIN}&${CAMERA}`);
  await expect(results(page)).toHaveCount(CARS.length);
  const filter = page.getByRole('group', { name: '按状态筛选' });
  await filter.getByRole('button', { name: /^行驶/ }).click();
  await expect(panel(page).getByText('没有符合条件的车辆')).toBeVisible();
  await expect(page).toHaveURL(/status=moving/);
  stand();
  await filter.getByRole('button', { name: /^停驻/ }).click();
  await expect(page).toHaveURL(/status=moving(,|%2C)idle/);
  await expect(results(page)).toHaveCount(CARS.length);
  await filter.getByRole('button', { name: '全部' }).click();
  await expect(page).not.toHaveURL(/status=/);
});

test('nearby: a row opens the card, Escape closes the card and then the panel', async ({
  page,
}) => {
  await signInAs(page, 'dispatcher');
  await open(page, `near=${LON},${LAT}~${WITHIN}&${CAMERA}`);
  await results(page).first().hover();
  await page.screenshot({ path: 'test-results/nearby-hover.png' });
  await results(page).first().click();
  await expect(page.getByRole('heading', { name: NEAR.plate })).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`at=vehicle:${terminals[0]?.vehicle}`));
  await expect(results(page).first()).toHaveAttribute('aria-current', 'true');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { name: NEAR.plate })).toBeHidden();
  await expect(panel(page)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(panel(page)).toHaveCount(0);
  await expect(page).not.toHaveURL(/near=/);
});

test('nearby: a rectangle is drawn, is sent as a polygon, and is there after a reload', async ({
  page,
}) => {
  await signInAs(page, 'dispatcher');
  await open(page, `list=nearby&${CAMERA}`);
  await mode(page, '区域').click();
  await page.getByRole('group', { name: '区域形状' }).getByRole('button', { name: '矩形' }).click();
  await expect(panel(page).getByText('点击地图确定一个角')).toBeVisible();
  await press(page, 0.45, 0.3);
  const asked = page.waitForRequest('**/api/v1/vehicles/within');
  await press(page, 0.7, 0.7);
  const [ring] = (await asked).postDataJSON().geometry.coordinates;
  expect(ring).toHaveLength(5);
  expect(ring[0]).toEqual(ring[4]);
  await expect(results(page)).toHaveCount(CARS.length);
  await expect(panel(page).getByRole('status')).toHaveText(`区域内 ${CARS.length} 辆`);
  expect(near(page)).toMatch(/^box:[\d.]+,[\d.]+;[\d.]+,[\d.]+$/);
  await page.screenshot({ path: 'test-results/nearby-area.png' });
  await page.reload();
  await mapIsDrawn(page);
  await expect(results(page)).toHaveCount(CARS.length);

  await page.getByRole('group', { name: '区域形状' }).getByRole('button', { name: '圆形' }).click();
  await expect.poll(() => near(page)).toBeNull();
  await press(page, 0.5, 0.5);
  await page.getByLabel('半径（米）').fill('250');
  await page.getByLabel('半径（米）').press('Enter');
  await expect.poll(() => near(page)).toMatch(/^circle:[\d.]+,[\d.]+~250$/);
  await expect(results(page)).toHaveCount(1);
  await expect(results(page)).toContainText(NEAR.plate);
  // The radius is taken back by key, once nobody types.
  await page.getByLabel('半径（米）').blur();
  await page.keyboard.press('Control+z');
  await expect.poll(() => near(page)).toBeNull();
  await page.keyboard.press('Control+y');
  await expect.poll(() => near(page)).toMatch(/^circle:/);
});

test('nearby: along a line they come in its order, with how far they are off', async ({ page }) => {
  await signInAs(page, 'dispatcher');
  // From the east to the west: the farther one comes first.
  await open(page, `near=line:${place(east(900))};${place(AT)}~50&${CAMERA}`);
  await expect(results(page)).toHaveCount(CARS.length);
  await expect(results(page).first()).toContainText(FAR.plate);
  await expect(results(page).first()).toContainText(/(49|50)\d 米处，偏离 \d 米/);
  await page.screenshot({ path: 'test-results/nearby-line.png' });

  await panel(page).getByRole('button', { name: '重新绘制' }).click();
  await expect.poll(() => near(page)).toBeNull();
  await press(page, 0.45, 0.5);
  await press(page, 0.7, 0.5);
  await page.keyboard.press('Enter');
  await expect(results(page).first()).toContainText(NEAR.plate);
  await page.getByLabel('两侧距离').selectOption('1000');
  await expect.poll(() => near(page)).toMatch(/^line:.*~1000$/);
});

test('nearby: about the middle of a building, from its card', async ({ page }) => {
  const building = await officeBuilding(page);
  await page.goto(`/?at=building:${building.id}`);
  await mapIsDrawn(page);
  await page.getByRole('button', { name: '周边车辆' }).click();
  const { lon, lat } = await (await page.request.get(`/api/v1/features/${building.id}`)).json();
  await expect
    .poll(() => near(page)?.split(',').map(Number))
    .toEqual([Number(lon.toFixed(6)), Number(lat.toFixed(6))]);
  await expect(results(page)).toHaveCount(10);
  await expect(page.getByRole('heading', { name: building.name })).toBeVisible();
});

test('nearby: by key, from the middle of the map', async ({ page }) => {
  await signInAs(page, 'dispatcher');
  await open(page, `list=nearby&${CAMERA}`);
  await page.getByRole('button', { name: '以地图中心为起点' }).focus();
  await page.keyboard.press('Enter');
  await expect(results(page).first()).toContainText(NEAR.plate);
  await results(page).first().focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: NEAR.plate })).toBeVisible();
});

test('nearby: what was found stays while the server is silent, and is told to be old', async ({
  page,
  tolerate,
}) => {
  tolerate(/status of 503/);
  await signInAs(page, 'dispatcher');
  await open(page, `near=${LON},${LAT}~${WITHIN}&${CAMERA}`);
  await expect(results(page)).toHaveCount(CARS.length);
  const refuse = { status: 503, contentType: 'application/problem+json', body: '{}' };
  await page.route('**/api/v1/vehicles/nearest?**', (route) => route.fulfill(refuse));
  await expect(panel(page).getByRole('button', { name: '未能更新' })).toBeVisible();
  await expect(results(page)).toHaveCount(CARS.length);
  await page.unroute('**/api/v1/vehicles/nearest?**');
  await panel(page).getByRole('button', { name: '未能更新' }).click();
  await expect(panel(page).getByRole('button', { name: '未能更新' })).toHaveCount(0);
});

test('nearby: it is asked again while it is open, and not after', async ({ page }) => {
  await signInAs(page, 'dispatcher');
  let asked = 0;
  page.on('request', (request: Request) => {
    if (request.url().includes('/vehicles/nearest')) asked += 1;
  });
  await open(page, `near=${LON},${LAT}~${WITHIN}&${CAMERA}`);
  await expect.poll(() => asked, { timeout: 30_000 }).toBeGreaterThan(2);
  await panel(page).getByRole('button', { name: '关闭' }).click();
  await expect(panel(page)).toHaveCount(0);
  const then = asked;
  await page.waitForTimeout(7_000);
  expect(asked).toBe(then);
});

test('nearby: what was found goes into a file, for those who may', async ({ page }) => {
  await page.goto('/');
  const { permissions } = await (await page.request.get('/api/v1/session')).json();
  expect(permissions).toContain('export');
  await open(page, `near=${LON},${LAT}~${WITHIN}&${CAMERA}`);
  await expect(results(page)).toHaveCount(CARS.length);
  const download = page.waitForEvent('download');
  await panel(page).getByRole('button', { name: '导出 CSV' }).click();
  const file = await (await download).path();
  const [head = '', ...rows] = (await readFile(file, 'utf8')).trimEnd().split('\r\n');
  expect(head).toBe('\uFEFF车牌,名称,车型,所属单位,状态,距离（米）,经度,纬度,定位时间');
  expect(rows).toHaveLength(CARS.length);
  // The plate as this person reads it, masked or not.
  const shown = await results(page).first().locator('.plate').textContent();
  expect(rows[0]?.startsWith(`${shown},`)).toBe(true);
});

test('nearby: dark, in English, and on a phone', async ({ page }) => {
  test.setTimeout(150_000);
  await signInAs(page, 'dispatcher');
  await open(page, `near=${LON},${LAT}~${WITHIN}&${CAMERA}&theme=dark&lang=en`);
  await expect(results(page)).toHaveCount(CARS.length);
  await expect(panel(page).getByRole('status')).toHaveText(`the nearest ${CARS.length}`);
  await page.waitForTimeout(800);
  await page.screenshot({ path: 'test-results/nearby-dark.png' });
  expect(await seriousAxeFindings(page)).toEqual([]);

  await page.setViewportSize({ width: 390, height: 844 });
  for (const [name, query] of [
    ['nearby-phone', `near=${LON},${LAT}~${WITHIN}`],
    ['nearby-phone-area', `near=circle:${LON},${LAT}~500`],
    ['nearby-phone-line', `near=line:${place(AT)};${place(east(900))}~50`],
  ] as const) {
    await open(page, `${query}&${CAMERA}`);
    await expect(results(page)).toHaveCount(CARS.length);
    await page.waitForTimeout(800);
    await page.screenshot({ path: `test-results/${name}.png` });
    const wide = await page.evaluate(
      () =>
        [document.documentElement, ...document.querySelectorAll('main, .lists .body')].filter(
          (box) => box.scrollWidth > box.clientWidth,
        ).length,
    );
    expect(wide, name).toBe(0);
    expect(await seriousAxeFindings(page), name).toEqual([]);
  }
  await results(page).first().click();
  await expect(page.getByRole('heading', { name: NEAR.plate })).toBeVisible();
});

/** A fence is drawn, a vehicle drives into it, somebody hears of it; and the numbers of rules are set. */
import type { Page } from '@playwright/test';
import { enrol, publish, sql, type Terminal } from './terminal';
import {
  expect,
  mapIsDrawn,
  officeBuilding,
  ownPage,
  seriousAxeFindings,
  signInAs,
  test,
} from './test';

const PLATE = '澜A·E2E09';
const TERMINAL = 'e2e-0009';
const NAME = '测试圆形围栏';
const CONFLICT = /status of 409/;
const STEP_MS = 5_000;
/** At 60 km/h, in metres. */
const STEP_M = 83;
const RADIUS_M = 400;
/** The list of alarms is asked for every ten seconds. */
const TOLD = { timeout: 40_000 };

let terminal: Terminal;
let org = '';

interface OnFile {
  fence_id: number;
  name: string;
  version: number;
  geometry: { coordinates: [number, number] };
  metres: number;
  org: { org_id: number };
}

const canvas = (page: Page) => page.locator('.maplibregl-canvas');
const save = (page: Page) => page.getByRole('button', { name: /^(保存|建立围栏)$/ });
const form = (page: Page, name: string) =>
  page.getByRole('group', { name: '范围' }).getByRole('button', { name });

async function onFile(page: Page): Promise<OnFile> {
  const { items } = await (await page.request.get('/api/v1/fences')).json();
  return items.find(({ name }: OnFile) => name.startsWith(NAME));
}

/** A place of the map, by its share of the width and of the height. */
async function press(
  page: Page,
  across: number,
  down: number,
  how: 'click' | 'dblclick' = 'click',
) {
  const box = await canvas(page).boundingBox();
  if (!box) throw new Error('there is no map');
  await page.mouse[how](box.x + box.width * across, box.y + box.height * down);
  // Two clicks in one place within the time of a double click are one.
  await page.waitForTimeout(600);
}

test.describe.configure({ mode: 'serial' });

test.beforeAll(() => {
  org = sql("select name from org where code = 'U01'").trim();
});

test('fences: a circle is drawn, saved, listed, and is there after a reload', async ({ page }) => {
  terminal = await enrol(page, TERMINAL, PLATE);
  await signInAs(page, 'dispatcher');
  await page.goto('/fences');
  await mapIsDrawn(page);
  await expect(page.getByText('还没有电子围栏')).toBeVisible();
  await expect(page.getByText(/自动报警/)).toBeVisible();
  await page.screenshot({ path: 'test-results/fences-empty.png' });
  await page.getByRole('button', { name: '新建围栏' }).click();
  await expect(page).toHaveURL(/\/fences\/new$/);

  await save(page).click();
  for (const fault of ['请填写名称', '请选择所属单位', '还没有绘制']) {
    await expect(page.getByText(fault)).toBeVisible();
  }
  await form(page, '圆形').click();
  await press(page, 0.5, 0.5);
  await page.getByLabel('半径（米）').fill(String(RADIUS_M));
  await page.getByLabel('半径（米）').press('Enter');
  await expect(page.getByText(`半径 ${RADIUS_M} 米`)).toBeVisible();
  await page.getByRole('textbox', { name: '名称' }).fill(NAME);
  await page.getByRole('combobox', { name: '所属单位' }).fill(org);
  await page.getByRole('option', { name: org, exact: true }).click();
  await expect(page.getByRole('checkbox', { name: /^驶入/ })).toBeChecked();
  await page.getByRole('checkbox', { name: /^停留/ }).check();
  await save(page).click();
  await expect(page.getByText('必须填写时限')).toBeVisible();
  await page.getByLabel('停留时限（分钟）').fill('30');
  await page.screenshot({ path: 'test-results/fences-form.png' });
  expect(await seriousAxeFindings(page)).toEqual([]);
  await save(page).click();

  await expect(page).toHaveURL(/\/fences\/\d+$/);
  await expect(page.getByRole('article', { name: NAME })).toContainText(
    '驶入、驶出、停留超过 30 分',
  );
  await page.reload();
  await mapIsDrawn(page);
  await expect(page.getByRole('article', { name: NAME })).toContainText(
    `圆形 · 半径 ${RADIUS_M} 米`,
  );
  await page.screenshot({ path: 'test-results/fences-card.png' });
  await page.getByRole('link', { name: '返回列表' }).click();
  await expect(page.getByRole('link', { name: NAME })).toContainText(org);
  await page.getByRole('searchbox').fill('没有这样的');
  await expect(page.getByText('没有符合条件的围栏')).toBeVisible();
  await page.getByRole('searchbox').fill('圆形');
  await page.getByRole('link', { name: NAME }).click();
  await expect(page).toHaveURL(/\/fences\/\d+$/);
});

test('fences: a vehicle drives in, and the alarm is in the list', async ({ page }) => {
  await signInAs(page, 'dispatcher');
  await page.goto('/fences');
  drive((await onFile(page)).geometry.coordinates);
  await page.goto(`/alarms?vehicle=${terminal.vehicle}&rule=geofence`);
  const row = page.getByRole('row').filter({ hasText: PLATE });
  await expect(row.first()).toBeVisible(TOLD);
  await expect(row.filter({ hasText: '驶入' }).first()).toContainText('围栏报警');
});

test('fences: an area that crosses itself is refused, and steps are taken back', async ({
  page,
}) => {
  await signInAs(page, 'dispatcher');
  await page.goto('/fences/new');
  await mapIsDrawn(page);
  const corners = page.getByText(/\d 个顶点/);
  await press(page, 0.3, 0.3);
  await press(page, 0.7, 0.7);
  await press(page, 0.7, 0.3);
  await expect(corners).toContainText('3 个顶点');
  await press(page, 0.3, 0.6);
  await expect(page.getByRole('alert')).toHaveText('区域的边线不能互相交叉，请调整顶点位置');
  await expect(corners).toContainText('3 个顶点');
  await page.keyboard.press('Backspace');
  await expect(corners).toContainText('2 个顶点');
  await page.keyboard.press('Control+z');
  await expect(corners).toContainText('3 个顶点');
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+y');
  await expect(corners).toContainText('3 个顶点');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/可拖动顶点调整/)).toBeVisible();
  // On the edge from the first to the second: one more, dragged away at once.
  const box = await canvas(page).boundingBox();
  if (!box) throw new Error('there is no map');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.4, box.y + box.height * 0.6, { steps: 5 });
  await page.mouse.up();
  await expect(corners).toContainText('4 个顶点');
  await expect(corners).toContainText('面积');
  await page.screenshot({ path: 'test-results/fences-area.png' });

  await page.getByRole('button', { name: '取消' }).click();
  const dialog = page.getByRole('dialog', { name: '离开此页？' });
  await dialog.getByRole('button', { name: '继续填写' }).click();
  await expect(corners).toContainText('4 个顶点');
  await page.getByRole('button', { name: '取消' }).click();
  await dialog.getByRole('button', { name: '离开' }).click();
  await expect(page).toHaveURL(/\/fences$/);
});

test('fences: a corridor has a width, a place is found by its name', async ({ page }) => {
  await signInAs(page, 'dispatcher');
  await page.goto('/fences/new');
  await mapIsDrawn(page);
  await form(page, '走廊').click();
  await press(page, 0.3, 0.3);
  await press(page, 0.5, 0.5);
  await press(page, 0.7, 0.4, 'dblclick');
  await expect(page.getByText(/可拖动顶点调整/)).toBeVisible();
  await page.getByLabel('宽度（米）').fill('120');
  await page.getByLabel('宽度（米）').press('Enter');
  await expect(page.getByText(/宽 120 米 · 3 个顶点/)).toBeVisible();
  await page.screenshot({ path: 'test-results/fences-corridor.png' });

  const { name } = await officeBuilding(page);
  await form(page, '场所').click();
  await page.getByRole('combobox', { name: '房屋或宗地' }).fill(name);
  await page.getByRole('option', { name }).first().click();
  await expect(page.getByRole('combobox', { name: '房屋或宗地' })).toHaveValue(name);
  await page.getByRole('textbox', { name: '名称' }).fill('办公楼');
  await page.getByRole('combobox', { name: '所属单位' }).fill(org);
  await page.getByRole('option', { name: org, exact: true }).click();
  await page.getByRole('checkbox', { name: '定点停放' }).check();
  await save(page).click();
  const card = page.getByRole('article', { name: '办公楼' });
  await expect(card).toContainText('场所');
  await expect(card.getByRole('link', { name })).toBeVisible();
  await page.screenshot({ path: 'test-results/fences-place.png' });
  await card.getByRole('button', { name: '停用' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '停用' }).click();
  await expect(page.getByText('已停用围栏“办公楼”')).toBeVisible();
});

test('fences: whoever was slower is offered the newer state', async ({ page, tolerate }) => {
  tolerate(CONFLICT);
  await signInAs(page, 'dispatcher');
  await page.goto('/fences');
  const fence = await onFile(page);
  await page.goto(`/fences/${fence.fence_id}/edit`);
  await page.getByRole('textbox', { name: '名称' }).fill(`${NAME}（慢）`);
  const other = await page.request.put(
    `/api/v1/fences/${fence.fence_id}?version=${fence.version}`,
    {
      ...ownPage(),
      data: {
        name: `${NAME}（快）`,
        org_id: fence.org.org_id,
        area: { drawn: { geometry: fence.geometry, metres: 600 } },
        asks: ['enter'],
      },
    },
  );
  expect(other.status()).toBe(200);
  await save(page).click();
  await expect(page.getByRole('alert')).toContainText('刚被他人修改');
  await page.getByRole('button', { name: '载入最新内容' }).click();
  await expect(page.getByRole('textbox', { name: '名称' })).toHaveValue(`${NAME}（快）`);
  await expect(page.getByLabel('半径（米）')).toHaveValue('600');
  await page.getByRole('textbox', { name: '名称' }).fill(NAME);
  await save(page).click();
  await expect(page.getByRole('article', { name: NAME })).toContainText('半径 600 米');
});

test('fences: without the right to command everything is to be read only', async ({ page }) => {
  await signInAs(page, 'supervisor');
  await page.goto('/fences');
  await page.getByRole('link', { name: NAME }).click();
  await expect(page.getByText('不能新建或修改')).toBeVisible();
  await expect(page.getByRole('link', { name: '修改' })).toHaveCount(0);
  await page.goto('/fences/new');
  await expect(save(page)).toHaveCount(0);
  await page.goto('/alarms/rules');
  await expect(page.getByText('不能修改')).toBeVisible();
  await expect(page.getByRole('region', { name: '超速' })).toContainText('120 km/h');
  await expect(page.getByRole('main').getByRole('textbox')).toHaveCount(0);
});

test('fences: numbers of rules are set for all and for some, and set back', async ({ page }) => {
  await signInAs(page, 'dispatcher');
  await page.goto('/alarms/rules');
  const speeding = page.getByRole('region', { name: '超速' });
  const limit = speeding.getByRole('textbox', { name: '限速', exact: true });
  await expect(page.getByRole('region', { name: '无单用车' })).toContainText('默认停用');
  await limit.fill('一百');
  await limit.press('Enter');
  await expect(speeding.getByRole('alert')).toBeVisible();
  await limit.fill('100');
  await limit.press('Enter');
  const toast = page.getByRole('status').filter({ hasText: '已保存' });
  await expect(toast).toBeVisible();
  await page.reload();
  await expect(limit).toHaveValue('100');
  await speeding.getByRole('button', { name: '恢复默认' }).click();
  await expect(limit).toHaveValue('120');
  await toast.getByRole('button', { name: '撤销' }).click();
  await expect(limit).toHaveValue('100');

  await speeding.getByRole('button', { name: '为单位或车辆单独设置' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: '单位', exact: true }).fill(org);
  await dialog.getByRole('option', { name: org, exact: true }).click();
  await dialog.getByRole('textbox', { name: /限速/ }).fill('80');
  await dialog.getByRole('button', { name: '保存' }).click();
  await expect(speeding.getByRole('listitem')).toContainText(`${org}`);
  await expect(speeding.getByRole('listitem')).toContainText('80 km/h');
  await page.screenshot({ path: 'test-results/rules-light.png' });
  expect(await seriousAxeFindings(page)).toEqual([]);
  await speeding.getByRole('button', { name: /^取消/ }).click();
  await expect(speeding.getByRole('listitem')).toHaveCount(0);
  await speeding.getByRole('button', { name: '恢复默认' }).click();
  await expect(limit).toHaveValue('120');

  const level = page.getByRole('combobox', { name: '“无单用车”的级别' });
  await level.selectOption('提示');
  await expect(toast).toBeVisible();
  await page.reload();
  await expect(level).toHaveValue('3');
  await level.selectOption('停用');
  await expect(page.getByRole('region', { name: '无单用车' })).toContainText('默认停用');
});

test('fences: dark, and on a phone', async ({ page }) => {
  await signInAs(page, 'dispatcher');
  await page.goto('/fences');
  const { fence_id } = await onFile(page);
  await page.goto(`/fences/${fence_id}?theme=dark`);
  await mapIsDrawn(page);
  await page.screenshot({ path: 'test-results/fences-dark.png' });
  expect(await seriousAxeFindings(page)).toEqual([]);
  await page.goto(`/alarms/rules?theme=dark`);
  await expect(page.getByRole('region', { name: '超速' })).toBeVisible();
  await page.screenshot({ path: 'test-results/rules-dark.png' });
  expect(await seriousAxeFindings(page)).toEqual([]);

  await page.setViewportSize({ width: 390, height: 844 });
  for (const [name, path] of [
    ['fences-phone', '/fences'],
    ['fences-phone-card', `/fences/${fence_id}`],
    ['fences-phone-form', `/fences/${fence_id}/edit`],
    ['rules-phone', '/alarms/rules'],
  ] as const) {
    await page.goto(path);
    if (path.startsWith('/fences')) await mapIsDrawn(page);
    await expect(page.getByRole('heading').nth(1)).toBeVisible();
    await page.waitForTimeout(800);
    await page.screenshot({ path: `test-results/${name}.png` });
    const wide = await page.evaluate(
      () =>
        [document.documentElement, ...document.querySelectorAll('main')].filter(
          (box) => box.scrollWidth > box.clientWidth,
        ).length,
    );
    expect(wide, name).toBe(0);
    expect(await seriousAxeFindings(page), name).toEqual([]);
  }
});

test('fences: one that is retired is gone from the list', async ({ page }) => {
  await signInAs(page, 'dispatcher');
  await page.goto('/fences');
  await page.getByRole('link', { name: NAME }).click();
  await page.getByRole('button', { name: '停用' }).click();
  const dialog = page.getByRole('dialog', { name: `停用围栏“${NAME}”？` });
  await dialog.getByRole('button', { name: '停用' }).click();
  await expect(page.getByText(`已停用围栏“${NAME}”`)).toBeVisible();
  await expect(page.getByText('还没有电子围栏')).toBeVisible();
  await page.reload();
  await expect(page.getByText('还没有电子围栏')).toBeVisible();
});

/** Drives from the west, from well outside to the centre. */
function drive([lon, lat]: [number, number]) {
  const metres = 111_195 * Math.cos((lat * Math.PI) / 180);
  const steps = 24;
  const fromMs = Date.now() - (steps + 1) * STEP_MS;
  const points = Array.from({ length: steps + 1 }, (_, step) => ({
    t: fromMs + step * STEP_MS,
    lon: lon - ((steps - step) * STEP_M) / metres,
    lat,
    speed_kmh: 60,
    heading: 90,
  }));
  publish(terminal, points);
}

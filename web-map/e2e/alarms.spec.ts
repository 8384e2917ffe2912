/** A vehicle speeds, and somebody brings the alarm to its end. */
import type { Page } from '@playwright/test';
import { enrol, type Position, publish, type Terminal } from './terminal';
import { expect, mapIsDrawn, ownPage, seriousAxeFindings, signInAs, test } from './test';

const PLATE = '澜A·E2E08';
const TERMINAL = 'e2e-0008';
const CONFLICT = /status of 409/;
/** At 190 km/h, in degrees of longitude at 36.5° north. */
const STEP_DEG = 0.002_95;
const STEP_MS = 5_000;
const STEPS = 20;
const TOLD = { timeout: 30_000 };
/** Less than the ten seconds after which a page without a stream asks. */
const AT_ONCE = { timeout: 5_000 };

let terminal: Terminal;

const rows = (page: Page) => page.getByRole('row').filter({ hasText: PLATE });
const panel = (page: Page) => page.getByRole('complementary', { name: '报警详情' });
const deed = (page: Page, name: string) =>
  panel(page).getByRole('region', { name: '处置' }).getByRole('button', { name });
const pathOf = (more = '') => `/alarms?vehicle=${terminal.vehicle}&rule=speeding${more}`;

test.describe.configure({ mode: 'serial' });

test('a severe alarm is told on the open map, and a click shows where it was', async ({ page }) => {
  // A map, and an alarm that is worked out.
  test.slow();
  terminal = await enrol(page, TERMINAL, PLATE);
  await signInAs(page, 'dispatcher');
  await page.goto('/');
  await mapIsDrawn(page);
  await expect(page.getByRole('button', { name: /未办结的报警/ })).toBeVisible();
  speed(Date.now() - (STEPS + 2) * STEP_MS);

  const toast = page.getByRole('status').getByRole('button', { name: PLATE });
  await expect(toast).toBeVisible(TOLD);
  await expect(toast).toContainText('超速');
  await expect(toast).toContainText('限速 120 km/h，最高 190 km/h，超速 58%');
  await page.screenshot({ path: 'test-results/alarms-toast.png' });
  await toast.click();
  await expect(toast).toHaveCount(0);
  await expect(page.getByRole('heading', { name: PLATE })).toBeVisible();
  await expect(page.locator('.om-alarm-mark')).toContainText('超速');

  await page.getByRole('button', { name: /条未办结的报警/ }).click();
  const drop = page.getByRole('dialog', { name: '最新报警' });
  await expect(drop.getByRole('button', { name: PLATE })).toBeVisible();
  await page.screenshot({ path: 'test-results/alarms-bell.png' });
  expect(await seriousAxeFindings(page)).toEqual([]);
  await drop.getByRole('button', { name: '关闭报警声音' }).click();
  await page.keyboard.press('Escape');

  await page.getByRole('link', { name: /未办结的报警/ }).click();
  await expect(page).toHaveURL(new RegExp(`/alarms\\?vehicle=${terminal.vehicle}$`));
  await expect(rows(page).filter({ hasText: '超速' })).toHaveCount(1);
  // The sound stays off in this browser, and nothing old is told again.
  await page.reload();
  await expect(page.getByRole('button', { name: '打开报警声音' })).toBeVisible();
  await expect(rows(page).first()).toBeVisible();
  await expect(toast).toHaveCount(0);
  await page.getByRole('button', { name: '打开报警声音' }).click();
});

test('an alarm is acknowledged by key, closed with a note, and is closed after a reload', async ({
  page,
}) => {
  await signInAs(page, 'dispatcher');
  await page.goto(pathOf());
  await expect(rows(page)).toHaveCount(1);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(panel(page)).toContainText('限速 120 km/h，最高 190 km/h');
  await expect(panel(page).getByRole('row', { name: /^限速/ })).toContainText('120 km/h');
  await expect(panel(page).getByRole('row', { name: /^限速/ })).toContainText('默认');
  await expect(panel(page)).toContainText('尚未处置');

  await page.keyboard.press('a');
  await expect(rows(page)).toContainText('已确认');
  await expect(panel(page)).toContainText('dispatcher');

  await deed(page, '指派').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('承办人').fill('车队');
  await dialog.getByRole('button', { name: '指派' }).click();
  await expect(rows(page)).toContainText('车队');

  await page.keyboard.press('c');
  await dialog.getByRole('button', { name: '办结' }).click();
  await expect(dialog.getByRole('alert')).toHaveText('请写明原因');
  await dialog.getByLabel('处置结果').fill('执行急救任务，已核实');
  await dialog.getByRole('button', { name: '办结' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(panel(page)).toContainText('已办结');

  await page.reload();
  await expect(panel(page)).toContainText('执行急救任务，已核实');
  await expect(panel(page)).toContainText('指派给 车队');
  await expect(rows(page)).toHaveCount(0);
  await page.getByRole('button', { name: '已办结' }).click();
  await expect(rows(page)).toContainText('已办结');
  await expect(page).toHaveURL(/state=closed/);
  expect(await seriousAxeFindings(page)).toEqual([]);
});

test('whoever was slower is told, and sees how it stands', async ({ page, tolerate }) => {
  tolerate(CONFLICT);
  await signInAs(page, 'dispatcher');
  await page.goto(pathOf('&state=all'));
  await rows(page).first().click();
  await expect(deed(page, '重开')).toBeVisible();
  await deed(page, '重开').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('重开原因').fill('驾驶员提出异议');
  const id = new URL(page.url()).searchParams.get('alarm');
  const other = await page.request.post(`/api/v1/alarms/${id}/acts`, {
    ...ownPage(),
    data: { act: 'reopen', note: '另一人先重开' },
  });
  expect(other.status()).toBe(200);
  await dialog.getByRole('button', { name: '重开' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(panel(page)).toContainText('刚被他人处置');
  await expect(panel(page)).toContainText('另一人先重开');
  await expect(deed(page, '确认')).toBeVisible();
});

test('a supervisor looks and takes a file along, others have no way there', async ({ page }) => {
  await signInAs(page, 'supervisor');
  await page.goto(pathOf('&state=all'));
  await rows(page).first().click();
  await expect(panel(page)).toContainText('不能处置');
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: '导出' }).click();
  expect((await saved).suggestedFilename()).toMatch(/^车辆报警-\d{4}-\d\d-\d\d\.csv$/);
  await panel(page).getByRole('link', { name: '在地图上查看' }).click();
  await mapIsDrawn(page);
  await expect(page.locator('.om-alarm-mark')).toBeVisible();
  await expect(page.getByRole('heading', { name: PLATE })).toBeVisible();

  await signInAs(page, 'planner');
  await page.goto('/');
  await mapIsDrawn(page);
  await expect(page.getByRole('button', { name: /未办结的报警/ })).toHaveCount(0);
  await page.goto('/alarms');
  await expect(page).toHaveURL(/\/refused$/);
});

test('an alarm that is raised while the list is open appears in it by itself', async ({ page }) => {
  const plate = '澜A·E2E18';
  const other = await enrol(page, 'e2e-0018', plate);
  await signInAs(page, 'dispatcher');
  const opened = page.waitForEvent('websocket');
  await page.goto(`/alarms?vehicle=${other.vehicle}`);
  await (await opened).waitForEvent('framereceived');
  await expect(page.getByText('没有符合条件的报警')).toBeVisible();
  speed(Date.now() - (STEPS + 2) * STEP_MS, other);
  const row = page.getByRole('row').filter({ hasText: plate });
  await expect(row).toHaveCount(1, AT_ONCE);
  await expect(row).toContainText('限速 120 km/h，最高 190 km/h');

  // What somebody else does is seen too.
  const { items } = await (
    await page.request.get(`/api/v1/alarms?vehicle=${other.vehicle}`)
  ).json();
  const acted = await page.request.post(`/api/v1/alarms/${items[0].alarm_id}/acts`, {
    ...ownPage(),
    data: { act: 'acknowledge' },
  });
  expect(acted.status()).toBe(200);
  await expect(row).toContainText('已确认', AT_ONCE);
});

test('the wall counts what waits, and a phone has room for the list and for one alarm', async ({
  page,
}) => {
  test.slow();
  await signInAs(page, 'dispatcher');
  await page.setViewportSize({ width: 1920, height: 1080 });
  await page.goto('/screen');
  const card = page.locator('section').filter({ hasText: '未处置报警' }).last();
  await expect(card.getByRole('link', { name: /严重/ }).first()).toContainText(/\d/);
  await mapIsDrawn(page);
  await page.screenshot({ path: 'test-results/alarms-wall.png' });

  for (const theme of ['light', 'dark']) {
    await page.setViewportSize({ width: 1366, height: 768 });
    await page.goto(`/alarms?theme=${theme}&state=all`);
    await rows(page).first().click();
    await expect(panel(page)).toContainText('判定依据');
    await page.screenshot({ path: `test-results/alarms-${theme}.png` });
    expect(await seriousAxeFindings(page)).toEqual([]);

    await page.setViewportSize({ width: 390, height: 844 });
    await expect(panel(page)).toBeVisible();
    await page.screenshot({ path: `test-results/alarms-phone-panel-${theme}.png` });
    expect(await seriousAxeFindings(page)).toEqual([]);
    await panel(page).getByRole('button', { name: '关闭' }).click();
    await expect(page.getByRole('table')).toBeVisible();
    const wide = await page.evaluate(
      () =>
        [document.documentElement, ...document.querySelectorAll('main')].filter(
          (box) => box.scrollWidth > box.clientWidth,
        ).length,
    );
    expect(wide).toBe(0);
    await page.screenshot({ path: `test-results/alarms-phone-${theme}.png` });
    expect(await seriousAxeFindings(page)).toEqual([]);
  }
});

/** Drives eastwards at 190 km/h, then slows down. */
function speed(fromMs: number, whose = terminal) {
  const at = (step: number, kmh: number): Position => ({
    t: fromMs + step * STEP_MS,
    lon: 105.5 + Math.min(step, STEPS - 1) * STEP_DEG,
    lat: 36.5,
    speed_kmh: kmh,
    heading: 90,
  });
  const fast = Array.from({ length: STEPS }, (_, step) => at(step, 190));
  publish(whose, [...fast, at(STEPS + 1, 20)]);
}

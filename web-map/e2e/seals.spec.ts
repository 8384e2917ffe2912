/** Vehicles are sealed over a holiday; one that moves meanwhile is found; seals are lifted, withdrawn and read. */
import type { Locator, Page } from '@playwright/test';
import { enrol, publish, sql, type Terminal } from './terminal';
import { expect, mapIsDrawn, seriousAxeFindings, signInAs, test } from './test';

const PLATE = '澜A·E2E21';
const TERMINAL = 'e2e-0021';
const REASON = '国庆节假日封存';
/** Of next year: no other test comes there. */
const YEAR = new Date(Date.now() + 8 * 3_600_000).getUTCFullYear() + 1;
const MINUTE_MS = 60_000;
/** A seal is heard of, what was driven is judged anew, and the list is asked for every twenty seconds. */
const TOLD = { timeout: 60_000 };

let terminal: Terminal;
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

/** As the browser's own box of a moment has it, by the clock of the city. */
const typed = (ms: number): string => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 16);

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
  terminal = await enrol(page, TERMINAL, PLATE);
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
  await expect(page.getByRole('button', { name: '封存车辆' })).toBeFocused();
});

test('one vehicle is sealed and was moved: it is found, lifted, and taken back', async ({
  page,
}) => {
  test.setTimeout(240_000);
  drive();
  await signInAs(page, 'dispatcher');
  await page.goto('/seals/new');
  const form = drawer(page);
  await chooseOrg(form);
  await form.getByRole('radio', { name: '只封存指定车辆' }).check();
  await form.getByLabel('开始时间').fill(typed(Date.now() - 60 * MINUTE_MS));
  await form.getByLabel('结束时间').fill(typed(Date.now() + 48 * 60 * MINUTE_MS));
  await expect(form.getByText(/此前的移动也会判断/)).toBeVisible();
  await form.getByLabel('事由').fill('专项检查封存');
  await submit(page).click();
  await expect(form.getByText('请选择至少一辆车')).toBeVisible();
  await form.getByRole('combobox', { name: '指定车辆' }).fill(PLATE);
  await form.getByRole('option', { name: PLATE }).click();
  await submit(page).click();

  const made = row(page, '专项检查封存');
  await expect(made).toContainText('封存中');
  await expect(made.getByRole('link', { name: PLATE })).toBeVisible();
  const found = made.getByRole('link', { name: '1', exact: true });
  await expect(found).toBeVisible(TOLD);
  await page.screenshot({ path: 'test-results/seals-found.png' });
  await found.click();
  await expect(page).toHaveURL(/\/alarms\?.*rule=sealed_movement/);
  await expect(row(page, PLATE)).toContainText('封存车辆移动');

  await page.goto(`/?at=vehicle:${terminal.vehicle}`);
  await mapIsDrawn(page);
  await page.getByRole('link', { name: /封存中.*至 \d{4}-\d\d-\d\d/ }).click();
  await expect(page).toHaveURL(/\/seals\?state=standing$/);

  await made.getByRole('button', { name: '解封' }).click();
  const lifting = page.getByRole('dialog', { name: '提前解封“专项检查封存”？' });
  await expect(lifting).toContainText(PLATE);
  await expect(lifting).toContainText('已有的移动报警保留');
  await page.screenshot({ path: 'test-results/seals-lift.png' });
  await lifting.getByRole('button', { name: '解封' }).click();
  await expect(lifting).toHaveCount(0);
  await shown(page, '全部').click();
  await expect(made).toContainText('已解封');
  await expect(made).toContainText('提前解封，原定至');
  await page.goto(`/?at=vehicle:${terminal.vehicle}`);
  await mapIsDrawn(page);
  await expect(page.getByRole('heading', { name: PLATE })).toBeVisible();
  await expect(page.getByRole('link', { name: /封存中/ })).toHaveCount(0);

  await page.goto('/seals');
  await made.getByRole('button', { name: '作废' }).click();
  const withdrawing = page.getByRole('dialog', { name: '作废“专项检查封存”？' });
  await expect(withdrawing).toContainText('1 条移动报警随之撤销');
  await withdrawing.getByRole('button', { name: '作废' }).click();
  await expect(made).toHaveCount(0);
  await page.goto(`/alarms?state=all&rule=sealed_movement&vehicle=${terminal.vehicle}`);
  await expect(row(page, PLATE)).toHaveCount(0, TOLD);
});

test('whoever may not command reads only, others have no way there', async ({ page }) => {
  await signInAs(page, 'supervisor');
  await page.goto('/seals');
  await expect(row(page, REASON)).toContainText('待生效');
  await expect(page.getByText('您的角色可以查看封存')).toBeVisible();
  for (const name of ['封存车辆', '解封', '作废']) {
    await expect(page.getByRole('button', { name, exact: true })).toHaveCount(0);
  }
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: '导出' }).click();
  expect((await saved).suggestedFilename()).toMatch(/^车辆封存-\d{4}-\d\d-\d\d\.csv$/);
  await page.goto('/seals/new');
  await expect(row(page, REASON)).toBeVisible();
  await expect(drawer(page)).toHaveCount(0);

  await signInAs(page, 'planner');
  await page.goto('/seals');
  await expect(page).toHaveURL(/\/refused$/);
});

test('dark, in English, and on a phone', async ({ page }) => {
  await signInAs(page, 'dispatcher');
  await page.goto('/seals?theme=dark&lang=en');
  await expect(row(page, REASON)).toContainText('Upcoming');
  await page.screenshot({ path: 'test-results/seals-dark.png' });
  expect(await seriousAxeFindings(page)).toEqual([]);

  await page.setViewportSize({ width: 390, height: 844 });
  for (const [name, path] of [
    ['seals-phone', '/seals'],
    ['seals-phone-form', '/seals/new'],
  ] as const) {
    await page.goto(path);
    await expect(page.getByRole('button', { name: '封存车辆' })).toBeVisible();
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

/** It stood for an hour, and half an hour ago it was driven two kilometres. */
function drive() {
  const standing = Array.from({ length: 17 }, (_, n): [number, number] => [-95 + 4 * n, 105.5]);
  // 0.0012 degrees are 107 m here: 39 km/h.
  const driving = Array.from({ length: 19 }, (_, n): [number, number] => [
    -30 + (n + 1) / 6,
    105.5 + 0.0012 * (n + 1),
  ]);
  const minutes = [...standing, ...driving];
  const nowMs = Date.now();
  publish(
    terminal,
    minutes.map(([minute, lon]) => ({
      t: nowMs + minute * MINUTE_MS,
      lon,
      lat: 36.5,
      speed_kmh: 40,
      heading: 90,
    })),
  );
}

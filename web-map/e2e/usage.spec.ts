/** A vehicle drives, and its trip is found in the sums: by day, by vehicle, in a file. */
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { enrol, type Position, publish, type Terminal } from './terminal';
import { expect, seriousAxeFindings, signInAs, test } from './test';
import { textIn } from './workbook';

const PLATE = '澜A·E2E41';
const TERMINAL = 'e2e-0041';
const STEP_MS = 10_000;
/** At 40 km/h, in degrees of longitude at 36.5° north. */
const STEP_DEG = 0.001_24;
const STEP_KM = 0.111;
/** Ten minutes. */
const DRIVEN = 60;
const BEFORE = 24;
const AFTER = 40;
const DAY_MS = 86_400_000;
/** A trip is stored some time after it has ended. */
const TOLD = { timeout: 60_000 };

let terminal: Terminal;
let startMs: number;

const dayOf = (ms: number) => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 10);
const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });
const cell = (page: Page, name: string, column: string) =>
  row(page, name).locator(`[data-name="${column}"]`);
const params = (page: Page) => new URL(page.url()).searchParams;

/** A day before and the day itself: the drive may have been on either side of midnight. */
const pathOf = (more: Record<string, string> = {}) =>
  `/usage?${new URLSearchParams({
    from: dayOf(startMs - DAY_MS),
    to: dayOf(startMs),
    vehicle: String(terminal.vehicle),
    ...more,
  })}`;

async function isDrawn(page: Page) {
  await expect(page.getByRole('img', { name: /明细见下表/ })).toHaveAttribute('aria-busy', 'false');
  await expect(page.locator('canvas').first()).toBeVisible();
}

test.describe.configure({ mode: 'serial' });

test('a trip stands on the day on which it began, and the day leads to its replay', async ({
  page,
}) => {
  test.slow();
  terminal = await enrol(page, TERMINAL, PLATE);
  drive(Date.now() - (BEFORE + DRIVEN + AFTER + 1) * STEP_MS);
  await signInAs(page, 'supervisor');
  await expect
    .poll(async () => {
      const query = new URLSearchParams({
        from: new Date(startMs - 3_600_000).toISOString(),
        to: new Date().toISOString(),
      });
      const answer = await page.request.get(`/api/v1/vehicles/${terminal.vehicle}/trips?${query}`);
      // A vehicle that was registered just now is not known for a second.
      return answer.ok() ? (await answer.json()).trips.length : answer.status();
    }, TOLD)
    .toBe(1);

  await page.goto(pathOf());
  const day = dayOf(startMs);
  await expect(row(page, day)).toHaveCount(1);
  await expect(cell(page, day, '车次')).toHaveText('1');
  await expect(cell(page, day, '里程')).toHaveText(/^[67]\.\d$/);
  await expect(page.getByRole('list', { name: '合计数据' })).toContainText('1 辆车，出车 1 天');
  await isDrawn(page);
  expect(await seriousAxeFindings(page)).toEqual([]);

  await row(page, day).getByRole('link', { name: day }).click();
  await expect(page).toHaveURL(/\/replay\?v=/);
  expect(params(page).get('v')).toBe(String(terminal.vehicle));
  expect(params(page).get('from')).toContain(day);
});

test('what is summed up and drawn is in the address, and numbers lead further', async ({
  page,
}) => {
  await signInAs(page, 'supervisor');
  await page.goto(pathOf());
  await isDrawn(page);
  await page.getByRole('button', { name: '按车辆' }).click();
  await expect.poll(() => params(page).get('by')).toBe('vehicle');
  await expect(row(page, PLATE)).toHaveCount(1);
  await page.getByRole('button', { name: '车次', exact: true }).first().click();
  await expect.poll(() => params(page).get('show')).toBe('trips');
  const url = page.url();
  await page.reload();
  await expect(row(page, PLATE)).toHaveCount(1);
  expect(page.url()).toBe(url);

  // Nothing but the vehicle is narrower than its days.
  await cell(page, PLATE, '出车天数').getByRole('link').click();
  await expect.poll(() => params(page).get('by')).toBeNull();
  await expect(row(page, dayOf(startMs))).toHaveCount(1);
  await page.goBack();
  await expect(row(page, PLATE)).toHaveCount(1);

  await page.getByRole('button', { name: '清除筛选条件' }).click();
  await expect.poll(() => params(page).get('vehicle')).toBeNull();
  await page.getByRole('button', { name: '按单位' }).click();
  await expect(page.getByRole('columnheader', { name: '单位' })).toBeVisible();
  await page.getByRole('button', { name: '本月' }).click();
  await expect(page.getByRole('button', { name: '本月' })).toHaveAttribute('aria-pressed', 'true');
});

test('a supervisor takes a workbook along, others have no way there', async ({ page }) => {
  await signInAs(page, 'supervisor');
  await page.goto(pathOf({ by: 'vehicle' }));
  await expect(row(page, PLATE)).toHaveCount(1);
  const saved = page.waitForEvent('download');
  await page.getByRole('link', { name: '导出 Excel' }).click();
  const file = await saved;
  expect(file.suggestedFilename()).toMatch(/\.xlsx$/);
  expect(textIn(readFileSync(await file.path()))).toContain(PLATE);

  await signInAs(page, 'planner');
  await page.goto('/usage');
  await expect(page).toHaveURL(/\/refused$/);
});

test('a period without trips says so, and one that cannot be asked for is not', async ({
  page,
}) => {
  await page.goto(pathOf({ from: '2020-01-01', to: '2020-01-31' }));
  await expect(page.getByText('这段时间没有行程')).toBeVisible();
  await page.getByLabel('结束日期').fill('2019-12-31');
  await page.getByLabel('结束日期').press('Tab');
  await expect(page.getByRole('alert')).toHaveText('结束日期不能早于开始日期');
  expect(params(page).get('to')).toBe('2020-01-31');
});

test('nothing is wider than a phone, in both themes', async ({ page }) => {
  await signInAs(page, 'supervisor');
  for (const theme of ['light', 'dark']) {
    await page.setViewportSize({ width: 1366, height: 768 });
    await page.goto(pathOf({ theme, by: 'vehicle' }));
    await isDrawn(page);
    await page.screenshot({ path: `test-results/usage-${theme}.png` });
    expect(await seriousAxeFindings(page)).toEqual([]);

    await page.setViewportSize({ width: 390, height: 844 });
    await expect(cell(page, PLATE, '车次')).toBeVisible();
    const wide = await page.evaluate(
      () =>
        [document.documentElement, ...document.querySelectorAll('main')].filter(
          (box) => box.scrollWidth > box.clientWidth,
        ).length,
    );
    expect(wide).toBe(0);
    await page.screenshot({ path: `test-results/usage-phone-${theme}.png` });
    expect(await seriousAxeFindings(page)).toEqual([]);
  }
});

/** Stands, drives eastwards at 40 km/h for ten minutes, and stands again until the trip is over. */
function drive(fromMs: number) {
  startMs = fromMs + BEFORE * STEP_MS;
  const positions = Array.from({ length: BEFORE + DRIVEN + AFTER }, (_, step): Position => {
    const driven = Math.min(DRIVEN, Math.max(0, step - BEFORE));
    return {
      t: fromMs + step * STEP_MS,
      lon: 105.5 + driven * STEP_DEG,
      lat: 36.5,
      speed_kmh: driven > 0 && driven < DRIVEN ? 40 : 0,
      heading: 90,
      odometer_km: 12_000 + driven * STEP_KM,
      fuel_l: 40 - driven * STEP_KM * 0.1,
    };
  });
  publish(terminal, positions);
}

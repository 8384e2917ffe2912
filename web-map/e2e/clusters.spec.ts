/** From far away, where a view has too many vehicles to tell apart: how many there are, and the one that is looked at. */
import type { Page } from '@playwright/test';
import { enrol, publish, type Terminal } from './terminal';
import { expect, mapIsDrawn, signInAs, test } from './test';

const PLATE = '澜A·E2E61';
/** Where nothing else is that stands together. */
const PLACE = { lon: 103.2, lat: 35.2 };

let terminal: Terminal;

test.describe.configure({ mode: 'serial' });

test('a bubble says how many vehicles there are, and a click goes nearer until they are there', async ({
  page,
}) => {
  terminal = await enrol(page, 'e2e-0061', PLATE);
  await signInAs(page, 'supervisor');
  drive(43);
  await expect
    .poll(
      async () => {
        const answer = await page.request.get(`/api/v1/vehicles/${terminal.vehicle}`);
        return answer.ok() ? (await answer.json()).lon : null;
      },
      { timeout: 20_000 },
    )
    .toBe(PLACE.lon);
  await clusterAbove(page, 0);
  await page.goto(`/?c=${PLACE.lon},${PLACE.lat},10`);
  await mapIsDrawn(page);
  await expect(page.getByRole('status').filter({ hasText: '车辆聚合显示' })).toBeVisible();
  await expect(page.getByText('· 1 辆')).toBeVisible();
  for (const zoom of [12, 14]) {
    await pointAtMiddle(page, 'zoom-in');
    await page.mouse.down();
    await page.mouse.up();
    await expect(page).toHaveURL(new RegExp(`[?&]c=[^&]+(,|%2C)${zoom}(&|$)`));
  }
  await expect(page.getByText('车辆聚合显示')).toBeHidden();
  await pointAtMiddle(page, 'pointer');
  await page.mouse.down();
  await page.mouse.up();
  await expect(page.getByRole('heading', { name: PLATE })).toBeVisible();
});

test('the vehicle that is looked at stays itself among the bubbles', async ({ page }) => {
  await clusterAbove(page, 0);
  await page.goto(`/?at=vehicle:${terminal.vehicle}&c=${PLACE.lon},${PLACE.lat},10`);
  await mapIsDrawn(page);
  await expect(page.getByText('车辆聚合显示')).toBeVisible();
  await expect(page.getByRole('heading', { name: PLATE })).toBeVisible();
  drive(87);
  await expect(page.getByText(/\b87\b/).first()).toBeVisible({ timeout: 4_000 });
});

test('a city with few vehicles shows each of them from any distance', async ({ page }) => {
  await page.goto(`/?c=${PLACE.lon},${PLACE.lat},10`);
  await mapIsDrawn(page);
  await pointAtMiddle(page, 'pointer');
  await expect(page.getByText('车辆聚合显示')).toBeHidden();
});

function drive(speed: number) {
  publish(terminal, [{ t: Date.now(), ...PLACE, speed_kmh: speed, heading: 90 }]);
}

/** The page asks for clusters of fewer vehicles than it would by itself. */
async function clusterAbove(page: Page, vehicles: number) {
  await page.routeWebSocket(/\/api\/v1\/live$/, (browser) => {
    const server = browser.connectToServer();
    browser.onMessage((message) => {
      server.send(
        typeof message === 'string'
          ? message.replace(/"cluster_above":\d+/, `"cluster_above":${vehicles}`)
          : message,
      );
    });
  });
}

async function middleOf(page: Page): Promise<{ x: number; y: number }> {
  const box = await page.locator('.maplibregl-canvas').boundingBox();
  return { x: (box?.width ?? 0) / 2, y: (box?.height ?? 0) / 2 };
}

/** Until what is there is drawn, and the pointer says what a press would do. */
async function pointAtMiddle(page: Page, cursor: string) {
  const canvas = page.locator('.maplibregl-canvas');
  await expect(async () => {
    const box = await canvas.boundingBox();
    const { x, y } = await middleOf(page);
    await page.mouse.move((box?.x ?? 0) + x + 3, (box?.y ?? 0) + y);
    await page.mouse.move((box?.x ?? 0) + x, (box?.y ?? 0) + y);
    await page.evaluate(() => new Promise(requestAnimationFrame));
    expect(await canvas.evaluate((element) => element.style.cursor)).toBe(cursor);
  }).toPass({ timeout: 10_000 });
}

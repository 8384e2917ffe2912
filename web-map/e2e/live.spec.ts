/** What happens while somebody looks: edits in the database, messages from terminals, a lost server. */
import { execFileSync } from 'node:child_process';
import { expect, mapIsDrawn, ownPage, signInAs, test } from './test';

const PLATE = '澜A·E2E01';
const TERMINAL = 'e2e-0001';
/** Where a bound in seconds is judged: here the processor draws the map, and a large one takes the seconds for itself. */
const WINDOW = { width: 960, height: 540 };

test('an edit by psql reaches the open map within two seconds, without a reload', async ({
  page,
}) => {
  await page.setViewportSize(WINDOW);
  const building = Number(sql('select building_id from floor order by building_id limit 1').trim());
  const place = await (await page.request.get(`/api/v1/features/${building}`)).json();
  await page.goto(`/?at=building:${building}&c=${place.lon},${place.lat},16.5`);
  await mapIsDrawn(page);
  await page.evaluate(() => {
    document.body.dataset.opened = 'once';
  });
  const name = `改名办公楼${Date.now() % 1000}`;
  const asked = page.waitForResponse(
    (answer) => answer.url().includes('/tiles/buildings/') && answer.status() === 200,
    { timeout: 2_000 },
  );
  sql(`update building set name = '${name}' where feature_id = ${building}`);
  await Promise.all([
    asked,
    expect(page.getByRole('heading', { name })).toBeVisible({ timeout: 2_000 }),
  ]);
  await expect(page.locator('body')).toHaveAttribute('data-opened', 'once');
});

test('a message from mosquitto_pub moves that vehicle in the open browser within a second', async ({
  page,
}) => {
  await page.setViewportSize(WINDOW);
  const vehicle = Number(
    sql(`with o as (select org_id from org where code = 'U01'),
         f as (insert into feature (kind, scope_id)
           select 'vehicle', scope_for(array[org_id], '{}', 0::smallint, 'vehicle') from o returning feature_id),
         v as (insert into vehicle (feature_id, plate, name, vehicle_type, org_id)
           select feature_id, '${PLATE}', '测试车', '轿车', org_id from f, o returning feature_id)
         insert into terminal (terminal_id, vehicle_id) select '${TERMINAL}', feature_id from v returning vehicle_id`)
      .trim()
      .split('\n')[0],
  );
  const secret = await credential(page);
  publish(secret, 105.5, 36.5, 11);
  await expect
    .poll(async () => (await page.request.get(`/api/v1/vehicles/${vehicle}`)).status(), {
      timeout: 20_000,
    })
    .toBe(200);
  await page.goto(`/?at=vehicle:${vehicle}&c=105.5,36.5,15`);
  await mapIsDrawn(page);
  await expect(page.getByRole('heading', { name: PLATE })).toBeVisible();
  publish(secret, 105.501, 36.5, 87);
  await expect(page.getByText(/\b87\b/).first()).toBeVisible({ timeout: 1_000 });
});

test('the wall shows live figures with their age', async ({ page }) => {
  await page.setViewportSize({ width: 1920, height: 1080 });
  await page.goto('/screen');
  await expect(page.getByText('机关事务一张图')).toBeVisible();
  await expect(page.getByText('房屋与土地')).toBeVisible();
  await expect(page.getByText(/更新于/).first()).toBeVisible();
});

test('an open floor with vehicles around it makes the picture of the README', async ({ page }) => {
  const building = Number(
    sql(`select building_id from room group by building_id order by count(*) desc limit 1`).trim(),
  );
  const place = await (await page.request.get(`/api/v1/features/${building}`)).json();
  const floor = place.floors.at(2) ?? place.floors.at(-1);
  const view = `${(place.lon + 0.0006).toFixed(6)},${place.lat.toFixed(6)},17.2`;
  await page.goto(`/?at=building:${building}&floor=${building}:${floor.ordinal}&c=${view}`);
  await mapIsDrawn(page);
  await expect(page.getByRole('radiogroup').getByRole('radio', { checked: true })).toBeVisible();
  await page.waitForTimeout(2_000);
  const path = process.env.ONEMAP_BLESS ? 'e2e/screenshot.png' : 'test-results/screenshot.png';
  const picture = await page.screenshot({ path });
  expect(picture.length).toBeGreaterThan(50_000);
});

function sql(statement: string): string {
  const url = process.env.ONEMAP_E2E_DATABASE_URL ?? '';
  return execFileSync('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', url, '-c', statement], {
    encoding: 'utf8',
  });
}

/** Issued by somebody who may; then the page's browser is the supervisor's again. */
async function credential(page: import('@playwright/test').Page): Promise<string> {
  await signInAs(page, 'admin');
  const answer = await page.request.post(`/api/v1/terminals/${TERMINAL}/credential`, ownPage());
  expect(answer.status()).toBe(200);
  await signInAs(page, 'supervisor');
  return (await answer.json()).secret;
}

function publish(secret: string, lon: number, lat: number, speed: number) {
  const payload = JSON.stringify({ t: Date.now(), lon, lat, speed_kmh: speed, heading: 90 });
  execFileSync('mosquitto_pub', [
    ...['-h', '127.0.0.1', '-p', process.env.ONEMAP_E2E_MQTT_PORT ?? '', '-q', '1'],
    ...['-i', TERMINAL, '-u', TERMINAL, '-P', secret],
    ...['-t', `onemap/v1/${TERMINAL}/position`, '-m', payload],
  ]);
}

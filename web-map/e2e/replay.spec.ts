/** A day is played again: who, when, how fast and where the camera is are in the address. */
import type { Page } from '@playwright/test';
import { expect, mapIsDrawn, seriousAxeFindings, test } from './test';

/** The processor draws the map here, and a large one takes the seconds for itself. */
const WINDOW = { width: 1100, height: 700 };
const PLAY = '播放（空格键）';
const PAUSE = '暂停（空格键）';

interface Driven {
  id: number;
  plate: string;
  /** Of the first and the last position. */
  fromMs: number;
  toMs: number;
}

/** Vehicles of the demo that have driven for some time, found as the map would find them. */
async function driven(page: Page, count: number): Promise<Driven[]> {
  const get = async (path: string) => (await page.request.get(`/api/v1/${path}`)).json();
  let found: Driven[] = [];
  await expect
    .poll(
      async () => {
        found = [];
        for (const vehicle of (await get('vehicles?status=moving&limit=8')).items) {
          const { points } = await get(`vehicles/${vehicle.feature_id}/track`);
          const [first, last] = [points.at(0), points.at(-1)];
          if (points.length < 10 || last[2] - first[2] < 10_000) continue;
          const { feature_id: id, plate } = vehicle;
          found.push({ id, plate, fromMs: first[2], toMs: last[2] });
        }
        return found.length;
      },
      { timeout: 60_000 },
    )
    .toBeGreaterThanOrEqual(count);
  return found.slice(0, count);
}

const iso = (ms: number) => new Date(ms).toISOString();
const params = (page: Page) => new URL(page.url()).searchParams;
const clock = (page: Page) => page.getByLabel('播放控制').locator('time');
const mark = (page: Page, id: number) => page.locator(`[data-vehicle="${id}"]`);
const placeOf = (page: Page, id: number) => mark(page, id).evaluate((it) => it.style.transform);

/** Pixels between two places. */
function away(one: string, other: string): number {
  const [[x = 0, y = 0], [toX = 0, toY = 0]] = [one, other].map(
    (place) => place.match(/-?\d+(\.\d+)?/g)?.map(Number) ?? [],
  ) as [number[], number[]];
  return Math.hypot(toX - x, toY - y);
}

/** An hour around what was driven, opened at its beginning. */
function address(vehicles: readonly Driven[], more: Record<string, string> = {}): string {
  const [first] = vehicles as [Driven];
  const query = {
    v: vehicles.map(({ id }) => id).join(','),
    from: iso(first.fromMs - 60_000),
    to: iso(first.fromMs + 3_540_000),
    at: iso(first.fromMs + 1_000),
    ...more,
  };
  return `/replay?${new URLSearchParams(query)}`;
}

test('replay: an address opens a moment, time and marker go on, and a reload gives the moment back', async ({
  page,
}) => {
  await page.setViewportSize(WINDOW);
  const [one] = (await driven(page, 1)) as [Driven];
  await page.goto(address([one], { x: '1' }));
  await mapIsDrawn(page);
  await expect(page).toHaveTitle(new RegExp(`${one.plate} 轨迹回放`));
  await expect(mark(page, one.id)).toHaveText(one.plate);
  const before = { clock: await clock(page).innerText(), place: await placeOf(page, one.id) };

  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await expect(page.getByRole('combobox', { name: /播放速度/ })).toHaveValue('4');
  await page.keyboard.press('Space');
  await expect(page.getByRole('button', { name: PAUSE })).toBeVisible();
  await expect(clock(page)).not.toHaveText(before.clock);
  await expect.poll(() => placeOf(page, one.id)).not.toBe(before.place);
  await page.keyboard.press('Space');
  await expect(page.getByRole('button', { name: PLAY })).toBeVisible();

  // What is paused is in the address to the millisecond, and the same after a reload.
  const paused = await clock(page).innerText();
  await expect.poll(() => params(page).get('at')).toContain(paused);
  await expect.poll(() => params(page).get('c')).not.toBeNull();
  const url = page.url();
  const place = await placeOf(page, one.id);
  await page.reload();
  await mapIsDrawn(page);
  await expect(mark(page, one.id)).toBeVisible();
  await expect(clock(page)).toHaveText(paused);
  // An address has no more digits of the zoom than can be seen.
  await expect.poll(async () => away(await placeOf(page, one.id), place)).toBeLessThan(2);
  expect(page.url()).toBe(url);
  expect(await seriousAxeFindings(page)).toEqual([]);
});

test('replay: the time line, the keys and the trips lead to a moment', async ({ page }) => {
  await page.setViewportSize(WINDOW);
  const [one] = (await driven(page, 1)) as [Driven];
  await page.goto(address([one]));
  await expect(mark(page, one.id)).toBeVisible();
  const at = () => Date.parse(params(page).get('at') ?? '');
  const line = page.getByRole('slider', { name: /时间轴/ });

  await page.keyboard.press('Home');
  await expect.poll(at).toBe(one.fromMs - 60_000);
  await page.keyboard.press('ArrowRight');
  await expect.poll(at).toBe(one.fromMs - 50_000);
  await page.keyboard.press('Shift+ArrowRight');
  await expect.poll(at).toBe(one.fromMs + 10_000);
  await page.keyboard.press('ArrowLeft');
  await expect.poll(at).toBe(one.fromMs);

  const box = await line.boundingBox();
  if (!box) throw new Error('there is no time line');
  await page.mouse.click(box.x + 2, box.y + 10);
  await expect.poll(at).toBeLessThan(one.fromMs - 50_000);
  await expect(line).toHaveAttribute('aria-valuetext', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
});

test('replay: from the card of a vehicle to its day, and others are added and taken away', async ({
  page,
}) => {
  await page.setViewportSize(WINDOW);
  const [one, two] = (await driven(page, 2)) as [Driven, Driven];
  await page.goto(`/?at=vehicle:${one.id}`);
  await mapIsDrawn(page);
  await page.getByRole('link', { name: '轨迹回放' }).click();
  await expect(page).toHaveURL(/\/replay\?v=/);
  await expect(mark(page, one.id)).toBeVisible();

  await page.getByRole('combobox', { name: '添加车辆' }).fill(two.plate);
  await page.getByRole('option', { name: two.plate }).click();
  await expect.poll(() => params(page).get('v')).toBe(`${one.id},${two.id}`);
  await expect(page.getByText('2 辆车')).toBeVisible();
  await page.getByRole('button', { name: `镜头跟随“${two.plate}”` }).click();
  await expect.poll(() => params(page).get('follow')).toBe(String(two.id));
  await page.goBack();
  await expect.poll(() => params(page).get('v')).toBe(String(one.id));
  await expect(page.getByText('1 辆车')).toBeVisible();
});

test('replay: on a phone nothing is wider than the screen, in both themes', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const [one] = (await driven(page, 1)) as [Driven];
  for (const theme of ['light', 'dark']) {
    await page.goto(address([one], { theme }));
    await expect(mark(page, one.id)).toBeVisible();
    await page.getByRole('button', { name: '展开面板' }).click();
    await expect(page.getByRole('button', { name: /^行程/ })).toBeVisible();
    const wide = await page.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
    );
    expect(wide).toBe(false);
    expect(await seriousAxeFindings(page)).toEqual([]);
  }
});

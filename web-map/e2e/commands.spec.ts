/** A terminal is asked for something: one person asks, another lets it pass, the terminal answers. */
import type { APIRequestContext, Page } from '@playwright/test';
import { answerCommand, enrol, hearCommand, publish, sql, type Terminal } from './terminal';
import { expect, mapIsDrawn, ownPage, seriousAxeFindings, signInAs, test } from './test';

const PLATE = '澜A·E2E17';
const TERMINAL = 'e2e-0017';
const TEXT = '请绕行建设路';
const CONFLICT = /status of 409/;
/** The list is asked for every ten seconds; it is handed over within one. */
const TOLD = { timeout: 30_000 };

let terminal: Terminal;
let grant: number | null = null;

const rows = (page: Page) => page.getByRole('row').filter({ hasText: PLATE });
const panel = (page: Page) => page.getByRole('complementary', { name: '指令详情' });
const decision = (page: Page, name: string) =>
  panel(page).getByRole('region', { name: '审批' }).getByRole('button', { name });
const pathOf = (more = '') => `/commands?vehicle=${terminal.vehicle}${more}`;

test.describe.configure({ mode: 'serial' });

// Nobody of the demo but the dispatcher may command: the supervisor may for as long as this file runs.
test.afterAll(async ({ playwright }) => {
  if (grant === null) return;
  const request = await playwright.request.newContext({ baseURL: process.env.ONEMAP_URL ?? '' });
  await signInAs({ request }, 'security');
  expect((await request.delete(`/api/v1/grants/${grant}`, ownPage())).status()).toBe(204);
  await request.dispose();
});

test('a dispatcher asks for a text, and cannot approve it', async ({ page }) => {
  terminal = await enrol(page, TERMINAL, PLATE);
  await signInAs(page, 'dispatcher');
  await page.goto(pathOf());
  await expect(page.getByText('没有符合条件的指令')).toBeVisible();
  await page.goto('/commands');
  await page.getByRole('button', { name: '下发指令' }).click();
  const dialog = page.getByRole('dialog', { name: '下发指令' });
  await dialog.getByRole('button', { name: '提交' }).click();
  for (const fault of ['请选择车辆', '请填写文本内容', '请填写事由']) {
    await expect(dialog.getByText(fault)).toBeVisible();
  }
  await dialog.getByLabel('车辆').fill(PLATE);
  await dialog.getByRole('option', { name: PLATE }).click();
  await dialog.getByLabel('文本内容').fill(TEXT);
  await dialog.getByLabel('事由').fill('道路施工');
  await dialog.getByLabel('有效期（分钟）').fill('1441');
  await expect(dialog.getByText('请填写 1 至 1440 之间的整数')).toBeVisible();
  await dialog.getByLabel('有效期（分钟）').fill('30');
  await page.screenshot({ path: 'test-results/commands-ask.png' });
  expect(await seriousAxeFindings(page)).toEqual([]);
  await dialog.getByRole('button', { name: '提交' }).click();

  await expect(dialog).toHaveCount(0);
  await expect(page).toHaveURL(/\/commands\?command=\d+$/);
  await expect(panel(page)).toContainText(`显示文本“${TEXT}”`);
  await expect(panel(page)).toContainText('待审批');
  await expect(decision(page, '同意')).toBeDisabled();
  await expect(panel(page)).toContainText('须由另一位有权限的人员审批');
  await expect(rows(page)).toContainText('道路施工');
  const id = new URL(page.url()).searchParams.get('command');
  const own = await page.request.post(`/api/v1/commands/${id}/decisions`, {
    ...ownPage(),
    data: { decision: 'approve' },
  });
  expect((await own.json()).code).toBe('own-command');
});

test('whoever may not command looks and takes a file along, others have no way there', async ({
  page,
}) => {
  await signInAs(page, 'supervisor');
  await page.goto(pathOf('&state=requested'));
  await rows(page).click();
  await expect(panel(page)).toContainText('不能审批或撤回');
  await expect(page.getByRole('button', { name: '下发指令' })).toHaveCount(0);
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: '导出' }).click();
  expect((await saved).suggestedFilename()).toMatch(/^终端指令-\d{4}-\d\d-\d\d\.csv$/);

  await signInAs(page, 'planner');
  await page.goto('/commands');
  await expect(page).toHaveURL(/\/refused$/);
});

test('a second person approves it by key, the terminal is told and answers', async ({ page }) => {
  test.slow();
  await signInAs(page, 'security');
  grant = await grantCommand(page.request);
  await signInAs(page, 'supervisor');
  await page.goto(pathOf('&state=requested'));
  await expect(page.getByRole('link', { name: /指令下发.*待您审批/ })).toBeVisible();
  await expect(rows(page)).toHaveCount(1);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('a');
  const dialog = page.getByRole('dialog', { name: `同意：${PLATE}` });
  await expect(dialog).toContainText(TEXT);
  await dialog.getByLabel('备注').fill('已核实');
  await dialog.getByRole('button', { name: '同意' }).click();
  await expect(dialog).toHaveCount(0);
  // Nobody is linked: it waits, and no longer for a person.
  await expect(panel(page)).toContainText('待下发');
  await expect(panel(page)).toContainText('已核实');
  await expect(decision(page, '撤回')).toBeVisible();

  const told = await hearCommand(terminal);
  expect(told).toMatchObject({ kind: 'text', text: TEXT });
  expect(Date.parse(told.expires)).toBeGreaterThan(Date.now());
  await expect(panel(page)).toContainText('经 MQTT 下发', TOLD);
  await page.screenshot({ path: 'test-results/commands-sent.png' });
  answerCommand(terminal, told.id, 'done');
  await expect(panel(page)).toContainText('终端已执行', TOLD);
  await expect(decision(page, '撤回')).toHaveCount(0);

  await page.getByRole('button', { name: '全部' }).click();
  await expect(rows(page)).toContainText('已执行');
  await page.reload();
  await expect(rows(page)).toContainText('已执行');
});

test('on its card a vehicle is located by one click, and the new position is told in place', async ({
  page,
}) => {
  test.slow();
  await signInAs(page, 'dispatcher');
  await page.goto(`/?at=vehicle:${terminal.vehicle}`);
  await mapIsDrawn(page);
  await expect(page.getByRole('heading', { name: PLATE })).toBeVisible();
  await page.getByRole('button', { name: '点名' }).click();
  await expect(page.getByText('等待终端连接')).toBeVisible();

  const { id, kind } = await hearCommand(terminal);
  expect(kind).toBe('locate');
  await expect(page.getByText('等待终端应答')).toBeVisible(TOLD);
  publish(terminal, [{ t: Date.now(), lon: 105.5, lat: 36.5, speed_kmh: 0, heading: 0 }]);
  answerCommand(terminal, id, 'done');
  await expect(page.getByText(/终端已应答，位置更新于 \d+ 秒前/)).toBeVisible(TOLD);
  await page.screenshot({ path: 'test-results/commands-card.png' });
  expect(await seriousAxeFindings(page)).toEqual([]);
  await page.getByRole('link', { name: '查看', exact: true }).click();
  await expect(page).toHaveURL(
    new RegExp(`/commands\\?vehicle=${terminal.vehicle}&command=${id}$`),
  );
  await expect(panel(page)).toContainText('下发，无须审批');
});

test('what a terminal cannot do is told in words and in its own', async ({ page }) => {
  test.slow();
  await signInAs(page, 'dispatcher');
  await page.goto(`/?at=vehicle:${terminal.vehicle}`);
  await mapIsDrawn(page);
  await page.getByRole('button', { name: '下发指令' }).click();
  const dialog = page.getByRole('dialog', { name: `下发指令：${PLATE}` });
  await dialog.getByLabel('指令类型').selectOption({ label: '限速' });
  await dialog.getByLabel('限速（km/h）').fill('80');
  await dialog.getByLabel('事由').fill('夜间行车');
  await dialog.getByRole('button', { name: '提交' }).click();
  await expect(page.getByText('等待另一人审批')).toBeVisible();
  await page.getByRole('link', { name: '查看', exact: true }).click();
  await expect(page).toHaveURL(/command=\d+$/);
  const id = new URL(page.url()).searchParams.get('command');

  await signInAs(page, 'supervisor');
  const passed = await page.request.post(`/api/v1/commands/${id}/decisions`, {
    ...ownPage(),
    data: { decision: 'approve' },
  });
  expect(passed.status()).toBe(200);
  const told = await hearCommand(terminal);
  expect(told).toMatchObject({ kind: 'speed_limit', kmh: 80 });
  answerCommand(terminal, told.id, 'unsupported', '无限速功能');
  await page.goto(pathOf(`&command=${id}`));
  await expect(panel(page)).toContainText('终端不支持该指令', TOLD);
  await expect(panel(page)).toContainText('终端说明：无限速功能');
});

test('whoever was slower is told, and sees how it stands', async ({ page, tolerate }) => {
  tolerate(CONFLICT);
  await signInAs(page, 'dispatcher');
  const asked = await page.request.post('/api/v1/commands', {
    ...ownPage(),
    data: {
      vehicle_id: terminal.vehicle,
      command: { kind: 'interval', seconds: 30 },
      reason: '专项保障',
    },
  });
  expect(asked.status()).toBe(201);
  const { command_id: id } = await asked.json();
  await page.goto(pathOf(`&command=${id}`));
  await expect(panel(page)).toContainText('每 30 秒上报一次位置');
  await decision(page, '撤回').click();
  const dialog = page.getByRole('dialog', { name: `撤回：${PLATE}` });
  const other = await page.request.post(`/api/v1/commands/${id}/decisions`, {
    ...ownPage(),
    data: { decision: 'withdraw', note: '另一人先撤回' },
  });
  expect(other.status()).toBe(200);
  await dialog.getByRole('button', { name: '撤回' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(panel(page)).toContainText('刚刚有了变化');
  await expect(panel(page)).toContainText('另一人先撤回');
});

test('both themes, and a phone with room for the list and for one command', async ({ page }) => {
  test.slow();
  await signInAs(page, 'dispatcher');
  for (const theme of ['light', 'dark']) {
    await page.setViewportSize({ width: 1366, height: 768 });
    await page.goto(pathOf(`&theme=${theme}`));
    await rows(page).first().click();
    await expect(panel(page)).toContainText('办理经过');
    await page.screenshot({ path: `test-results/commands-${theme}.png` });
    expect(await seriousAxeFindings(page)).toEqual([]);

    await page.setViewportSize({ width: 390, height: 844 });
    await expect(panel(page)).toBeVisible();
    await page.screenshot({ path: `test-results/commands-phone-panel-${theme}.png` });
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
    await page.screenshot({ path: `test-results/commands-phone-${theme}.png` });
    expect(await seriousAxeFindings(page)).toEqual([]);
  }
});

/** The right to command everywhere, for the supervisor; asked for as the security administrator. */
async function grantCommand(request: APIRequestContext): Promise<number> {
  const { items } = await (await request.get('/api/v1/users?q=supervisor')).json();
  const user = items.find(({ login }: { login: string }) => login === 'supervisor');
  const city = Number(sql("select org_id from org where code = 'U01'"));
  const answer = await request.post(`/api/v1/users/${user.user_id}/grants`, {
    ...ownPage(),
    data: { role_id: 'dispatcher', org_id: city, clearance: 1 },
  });
  expect(answer.status()).toBe(201);
  return (await answer.json()).grant_id;
}

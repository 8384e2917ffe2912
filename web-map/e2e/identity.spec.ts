/** Who comes in, what they see, what they may change, and how they leave. */
import type { APIRequestContext, Page } from '@playwright/test';
import { expect, mapIsDrawn, ownPage, seriousAxeFindings, signInAs, test } from './test';

/** Before anybody is known the answer is 401, and the browser writes that into its console. */
const NOBODY = /status of 401/;

test.describe('at the door', () => {
  test.use({ storageState: { cookies: [], origins: [] } });

  test('the sign-in page lists the demo accounts, and a click signs in', async ({
    page,
    tolerate,
  }) => {
    tolerate(NOBODY);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.goto('/');
    await expect(page).toHaveURL(/\/sign-in$/);
    await expect(page.getByRole('heading', { name: '机关事务一张图' })).toBeVisible();
    await expect(page.getByText('示例数据（虚构）')).toBeVisible();
    await expect(page.locator('[data-login]')).toHaveCount(8);
    expect(asked.filter((path) => /MapPage|\/tiles\/|\/styles\//.test(path))).toEqual([]);
    await page.locator('[data-login="supervisor"]').click();
    await expect(page).not.toHaveURL(/sign-in/);
    await mapIsDrawn(page);
  });

  test('a wrong password says so beside the field and keeps the account', async ({
    page,
    tolerate,
  }) => {
    tolerate(NOBODY);
    await page.goto('/sign-in');
    const login = page.getByLabel('账号', { exact: true });
    const password = page.getByLabel('密码', { exact: true });
    await expect(login).toBeFocused();
    await login.fill('planner');
    await password.fill('not this one');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('alert')).toBeVisible();
    await expect(password).toHaveAttribute('aria-invalid', 'true');
    await expect(password).toBeFocused();
    await expect(login).toHaveValue('planner');
    await expect(password).toHaveValue('');
  });

  test('the address that was asked for is where one lands', async ({ page, tolerate }) => {
    tolerate(NOBODY);
    await page.goto('/?list=vehicles&status=moving&theme=dark');
    await expect(page).toHaveURL(/\/sign-in\?to=/);
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    await page.locator('[data-login="dispatcher"]').click();
    await expect(page).toHaveURL(/list=vehicles/);
    await expect(page).toHaveURL(/status=moving/);
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  });

  test('an address of another host is not followed', async ({ page, tolerate }) => {
    tolerate(NOBODY);
    await page.goto('/sign-in?to=//example.org/');
    await page.locator('[data-login="dispatcher"]').click();
    await mapIsDrawn(page);
    expect(new URL(page.url()).host).toBe(new URL(process.env.ONEMAP_URL ?? '').host);
  });

  test('signing out ends it, and the map asks for a session again', async ({ page, tolerate }) => {
    tolerate(NOBODY);
    await signInAs(page, 'dispatcher');
    await page.goto('/');
    await mapIsDrawn(page);
    await page.getByRole('button', { name: '账号菜单' }).click();
    const menu = page.getByRole('dialog', { name: '账号菜单' });
    await expect(menu.getByText('调度员', { exact: true })).toBeVisible();
    await expect(menu.getByRole('link', { name: '审计' })).toHaveCount(0);
    await menu.getByRole('button', { name: '退出登录' }).click();
    await expect(page).toHaveURL(/\/sign-in$/);
    expect((await page.request.get('/api/v1/layers')).status()).toBe(401);
    await page.goto('/');
    await expect(page).toHaveURL(/\/sign-in$/);
  });

  test('a session that ends elsewhere brings the sign-in page, which comes back', async ({
    page,
    tolerate,
  }) => {
    tolerate(NOBODY);
    await signInAs(page, 'dispatcher');
    await page.goto('/?list=vehicles');
    await mapIsDrawn(page);
    await expect(page.getByText('实时连接正常')).toBeVisible();
    const ended = await page.request.delete('/api/v1/account/sessions', ownPage());
    expect(ended.status()).toBe(204);
    await expect(page).toHaveURL(/\/sign-in\?to=.*list/);
    await page.locator('[data-login="dispatcher"]').click();
    await expect(page).toHaveURL(/list=vehicles/);
  });

  test('the sign-in page is accessible', async ({ page, tolerate }) => {
    tolerate(NOBODY);
    for (const theme of ['light', 'dark']) {
      await page.goto(`/sign-in?theme=${theme}`);
      await expect(page.locator('[data-login]').first()).toBeVisible();
      expect(await seriousAxeFindings(page)).toEqual([]);
    }
  });
});

test('a county sees fewer buildings than the city, and no plate of another county', async ({
  page,
}) => {
  const [vehicles, orgs] = [
    await itemsOf(page.request, '/vehicles?limit=500'),
    await itemsOf(page.request, '/orgs'),
  ];
  const city = await buildingCount(page);

  await signInAs(page, 'county');
  const session = await (await page.request.get('/api/v1/session')).json();
  const within = subtree(orgs as Org[], session.roles[0].org.org_id);
  const foreign = (vehicles as Vehicle[])
    .filter(({ org }) => org && !within.has(org.org_id))
    .map(({ plate }) => plate);
  expect(foreign.length).toBeGreaterThan(0);

  const county = await buildingCount(page);
  expect(county).toBeGreaterThan(0);
  expect(county).toBeLessThan(city);

  await page.goto('/?list=vehicles');
  await expect(page.locator('.vehicles li').first()).toBeVisible();
  const shown = (await page.locator('.vehicles').textContent()) ?? '';
  expect(foreign.filter((plate) => shown.includes(plate))).toEqual([]);
  const mine = (await itemsOf(page.request, '/vehicles?limit=500')) as Vehicle[];
  expect(mine.length).toBeGreaterThan(0);
  expect(mine.filter(({ plate }) => foreign.includes(plate))).toEqual([]);
});

test('the security administrator opens the accounts, grants a role and takes it back', async ({
  page,
}) => {
  await signInAs(page, 'security');
  await page.goto('/admin/users');
  await page.locator('tr[data-login="planner"]').getByRole('button').click();
  const panel = page.getByRole('complementary');
  await expect(panel.getByText('账号由系统管理员建立和维护')).toBeVisible();
  await expect(page.getByRole('button', { name: '新建账号' })).toHaveCount(0);
  await panel.getByRole('button', { name: '授予' }).click();
  await panel.getByLabel('角色').selectOption({ label: '查阅人' });
  await panel.getByRole('button', { name: '授予' }).click();
  const revoke = panel.getByRole('button', { name: '撤销授权：查阅人' });
  await expect(revoke).toBeVisible();
  await revoke.click();
  await page.getByRole('dialog').getByRole('button', { name: '撤销', exact: true }).click();
  await expect(revoke).toHaveCount(0);
});

test('the auditor starts at the log and verifies it', async ({ page }) => {
  await signInAs(page, 'auditor');
  await page.goto('/');
  await expect(page).toHaveURL(/\/admin\/audit$/);
  await expect(page.locator('[data-audit]').first()).toBeVisible();
  await page.getByRole('button', { name: '验证' }).click();
  await expect(page.getByText(/已核对 \d+ 条，日志完整/)).toBeVisible();
  await expect(page.getByText(/[0-9a-f]{64}/)).toBeVisible();
});

for (const [login, path, landmark] of [
  ['supervisor', '/account', '访问令牌'],
  ['admin', '/admin/users', '最近使用'],
  ['admin', '/admin/terminals', '凭据签发时间'],
  ['auditor', '/admin/audit', '来源地址'],
] as const) {
  test(`${path} is accessible in both themes`, async ({ page }) => {
    await signInAs(page, login);
    for (const theme of ['light', 'dark']) {
      await page.goto(`${path}?theme=${theme}`);
      await expect(page.getByText(landmark).first()).toBeVisible();
      expect(await seriousAxeFindings(page)).toEqual([]);
    }
  });
}

interface Org {
  org_id: number;
  parent_id: number | null;
}

interface Vehicle {
  plate: string;
  org: { org_id: number } | null;
}

async function itemsOf(client: APIRequestContext, path: string): Promise<unknown[]> {
  return (await (await client.get(`/api/v1${path}`)).json()).items;
}

/** As the layer tree shows it. */
async function buildingCount(page: Page): Promise<number> {
  await page.goto('/');
  const count = page.locator('[data-layer="buildings"] .om-number');
  await expect(count).toHaveText(/\d/);
  return Number((await count.textContent())?.replaceAll(/\D/g, ''));
}

function subtree(orgs: Org[], top: number): Set<number> {
  const found = new Set([top]);
  // Parents may stand behind their children: until nothing is added any more.
  for (let before = 0; before < found.size; ) {
    before = found.size;
    for (const { org_id, parent_id } of orgs) {
      if (parent_id !== null && found.has(parent_id)) found.add(org_id);
    }
  }
  return found;
}

/**
 * `test` of Playwright with a page that is watched: a request to a foreign host, an error in the console or a breach of the
 * Content-Security-Policy fails the test it happens in.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test as base, expect, type Page } from '@playwright/test';

export { expect };

interface Watched {
  /** Errors a test provokes on purpose. */
  tolerate: (pattern: RegExp) => void;
}

export const test = base.extend<Watched & { faults: { found: string[]; allowed: RegExp[] } }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern
  baseURL: async ({}, use) => use(process.env.ONEMAP_URL),
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern
  storageState: async ({}, use) => use(process.env.ONEMAP_E2E_STATE),
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern
  faults: async ({}, use) => use({ found: [], allowed: [] }),
  tolerate: async ({ faults }, use) => use((pattern) => void faults.allowed.push(pattern)),
  page: async ({ page, baseURL, faults }, use) => {
    const home = new URL(baseURL ?? '').host;
    const judge = (kind: string, text: string) => void faults.found.push(`${kind}: ${text}`);
    const visit = (address: string) => {
      const url = new URL(address);
      if (!['data:', 'blob:'].includes(url.protocol) && url.host !== home) {
        judge('foreign host', address);
      }
    };
    page.on('request', (request) => visit(request.url()));
    page.on('websocket', (socket) => visit(socket.url()));
    page.on('pageerror', (error) => judge('uncaught', String(error.stack ?? error)));
    page.on('console', (message) => {
      if (message.type() === 'error') {
        judge('console', `${message.text()} (${message.location().url})`);
      }
    });
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`CSP ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
      });
    });
    await use(page);
    const { found, allowed } = faults;
    expect(found.filter((fault) => !allowed.some((pattern) => pattern.test(fault)))).toEqual([]);
  },
});

/** Gives the page's browser another session, without a page. */
export async function signInAs({ request }: Pick<Page, 'request'>, login: string) {
  const answer = await request.post('/api/v1/session', {
    data: { login, password: process.env.ONEMAP_DEMO_PASSWORD },
  });
  expect(answer.status()).toBe(200);
}

/** What the server asks of whoever changes something with a cookie. */
export const ownPage = (): { headers: Record<string, string> } => ({
  headers: { origin: process.env.ONEMAP_URL ?? '' },
});

/** Until every tile on screen is there. */
export async function mapIsDrawn(page: Page) {
  await expect(page.locator('.maplibregl-canvas')).toBeVisible();
  await expect(page.locator('[aria-busy="false"] > .host')).toBeAttached({ timeout: 30_000 });
}

/** What axe-core calls serious or critical, as `rule: selector`. */
export async function seriousAxeFindings(page: Page): Promise<string[]> {
  const source = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  await page.evaluate(readFileSync(source, 'utf8'));
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    const { violations } = await axe.run(document, { resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
  });
}

interface OfficeBuilding {
  id: number;
  name: string;
  floors: { ordinal: number; name: string }[];
}

/** A building with floors on file, found as a user would: a room's building. */
export async function officeBuilding(page: Page): Promise<OfficeBuilding> {
  const get = async (path: string) => (await page.request.get(`/api/v1/${path}`)).json();
  const documents = await get('documents?kind=repair&limit=1');
  const room = await get(`features/${documents.items[0].links[0].feature_id}`);
  const parent = room.parents.find((one: { kind: string }) => one.kind === 'building') ?? room;
  const found = await get(`features/${parent.feature_id}`);
  return { id: found.feature_id, name: found.name, floors: found.floors };
}

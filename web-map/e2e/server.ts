/**
 * Starts the program under test on free ports, with a small demo city in a database of its own, and ends both after the
 * last test. `ONEMAP_URL` names a server that runs already; then nothing is started. Tests begin signed in as the
 * supervisor of the demo.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { request } from '@playwright/test';

const READY_MS = 180_000;
const STOP_MS = 15_000;
const SIGNED_IN = 'test-results/signed-in.json';

export default async function start(): Promise<() => Promise<void>> {
  // Inherited by the server and by the workers.
  process.env.ONEMAP_DEMO_PASSWORD ??= 'OneMap-e2e-2026';
  process.env.ONEMAP_E2E_STATE = SIGNED_IN;
  if (process.env.ONEMAP_URL) {
    await signIn(process.env.ONEMAP_URL);
    return async () => {};
  }
  const admin = process.env.DATABASE_URL;
  if (!admin)
    throw new Error('DATABASE_URL is not set: the program needs a PostgreSQL with PostGIS');
  const program =
    process.env.ONEMAP_BIN ?? new URL('../../target/debug/onemap', import.meta.url).pathname;
  if (!existsSync(program)) throw new Error(`${program} is missing: run cargo build first`);

  const database = `e2e_${process.pid}_${Date.now().toString(36)}`;
  sql(admin, `create database ${database}`);
  const [http, mqtt] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${http}`;
  const mine = new URL(admin);
  mine.pathname = `/${database}`;

  mkdirSync('test-results', { recursive: true });
  const log = createWriteStream('test-results/onemap.log');
  // A module that is one folder of files, with which the program was not built.
  const added = fileURLToPath(new URL('../../modules/tests/added', import.meta.url));
  const server = spawn(program, ['demo', '--city', 'small', '--modules-dir', added], {
    env: {
      ...process.env,
      DATABASE_URL: mine.href,
      ONEMAP_LISTEN: `127.0.0.1:${http}`,
      ONEMAP_MQTT_LISTEN: `127.0.0.1:${mqtt}`,
      ONEMAP_JT808_LISTEN: '127.0.0.1:0',
      // The others come as Mapbox Vector Tiles, as they do by default.
      ONEMAP_MLT: 'parcels,green',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  server.stdout.pipe(log, { end: false });
  server.stderr.pipe(log, { end: false });

  const stop = async () => {
    await end(server);
    log.end();
    sql(admin, `drop database if exists ${database} with (force)`);
  };
  try {
    await ready(url, server);
    await signIn(url);
  } catch (cause) {
    await stop();
    throw cause;
  }
  process.env.ONEMAP_URL = url;
  process.env.ONEMAP_E2E_DATABASE_URL = mine.href;
  process.env.ONEMAP_E2E_MQTT_PORT = String(mqtt);
  return stop;
}

function sql(url: string, statement: string) {
  execFileSync('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', url, '-c', statement]);
}

async function ready(url: string, server: ChildProcess) {
  const deadline = Date.now() + READY_MS;
  while (Date.now() < deadline) {
    if (server.exitCode !== null) {
      throw new Error(`onemap ended with ${server.exitCode}: see test-results/onemap.log`);
    }
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    if (answer?.ok) return;
    await sleep(250);
  }
  throw new Error(`onemap was not ready after ${READY_MS / 1000} s: see test-results/onemap.log`);
}

/** Keeps the cookie of a session for the tests. */
async function signIn(url: string) {
  const client = await request.newContext({ baseURL: url });
  const answer = await client.post('/api/v1/session', {
    data: { login: 'supervisor', password: process.env.ONEMAP_DEMO_PASSWORD },
  });
  if (!answer.ok()) throw new Error(`signing in was answered ${answer.status()}`);
  await client.storageState({ path: SIGNED_IN });
  await client.dispose();
}

/** By process id, politely first. */
async function end(server: ChildProcess) {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  const isSlow = await Promise.race([
    ended.then(() => false),
    sleep(STOP_MS, true, { ref: false }),
  ]);
  if (isSlow) server.kill('SIGKILL');
  await ended;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

import { defineConfig } from '@playwright/test';

const isRoot = process.getuid?.() === 0;

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  globalSetup: './e2e/server.ts',
  // One server and one simulated fleet: tests that change data must not meet.
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    viewport: { width: 1366, height: 768 },
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.ONEMAP_CHROMIUM || process.env.CHROMIUM || '/usr/bin/chromium',
      // Software WebGL: newer browsers refuse it unless asked.
      args: [
        '--use-angle=swiftshader',
        '--enable-unsafe-swiftshader',
        ...(isRoot ? ['--no-sandbox'] : []),
      ],
    },
  },
});

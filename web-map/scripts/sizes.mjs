/** Prints what a browser downloads, and fails when that outgrows a budget. What draws charts comes with the first of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const BUDGETS = [
  { of: 'all scripts and styles but those of charts', kb: 960, has: (name) => !CHARTS.test(name) },
  { of: 'what draws charts', kb: 200, has: (name) => CHARTS.test(name) },
];
const CHARTS = /\/echarts-[\w-]+\.js$/;
const dist = new URL('../dist/', import.meta.url).pathname;

const kb = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length / 1024;
const assets = readdirSync(join(dist, 'assets'))
  .filter((name) => /\.(m?js|css)$/.test(name))
  .map((name) => ({ name: `assets/${name}`, size: kb(`assets/${name}`) }))
  .sort((a, b) => b.size - a.size);

for (const { name, size } of assets) {
  process.stdout.write(`${size.toFixed(1).padStart(8)} KB gz  ${name}\n`);
}
for (const { of, kb: most, has } of BUDGETS) {
  const total = assets.filter(({ name }) => has(name)).reduce((sum, { size }) => sum + size, 0);
  process.stdout.write(`${total.toFixed(1).padStart(8)} KB gz  ${of} (budget ${most})\n`);
  if (total <= most) continue;
  process.stderr.write(`${of}: ${(total - most).toFixed(1)} KB over the budget\n`);
  process.exitCode = 1;
}

/** Prints what a browser downloads before the map appears, and fails when that outgrows the budget. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const BUDGET_KB = 900;
const dist = new URL('../dist/', import.meta.url).pathname;

const kb = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length / 1024;
const assets = readdirSync(join(dist, 'assets'))
  .filter((name) => /\.(m?js|css)$/.test(name))
  .map((name) => ({ name: `assets/${name}`, size: kb(`assets/${name}`) }))
  .sort((a, b) => b.size - a.size);

let total = 0;
for (const { name, size } of assets) {
  total += size;
  process.stdout.write(`${size.toFixed(1).padStart(8)} KB gz  ${name}\n`);
}
process.stdout.write(
  `${total.toFixed(1).padStart(8)} KB gz  all scripts and styles (budget ${BUDGET_KB})\n`,
);
if (total > BUDGET_KB) {
  process.stderr.write(`the client is ${(total - BUDGET_KB).toFixed(1)} KB over its budget\n`);
  process.exit(1);
}

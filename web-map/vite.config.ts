import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';
import { notoSansSc } from './scripts/fonts.ts';

/** Where `npm run dev` finds a running onemap. */
const server = process.env.ONEMAP_URL ?? 'http://127.0.0.1:8080';
const proxied = ['/api', '/tiles', '/base', '/styles', '/sprites'];

export default defineConfig({
  plugins: [
    // An HTML element that Vue does not list and would take for a component of that name.
    vue({ template: { compilerOptions: { isCustomElement: (tag) => tag === 'search' } } }),
    notoSansSc(),
  ],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
  },
  worker: { format: 'es' },
  server: {
    proxy: Object.fromEntries(proxied.map((path) => [path, { target: server, ws: true }])),
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.ts'],
  },
});

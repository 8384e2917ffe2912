/**
 * Noto Sans SC for the page and for the map, from one set of files.
 *
 * The package holds about a hundred woff2 subsets, each for a range of code points. They are copied to `fonts/`
 * beside a style sheet for the page (`noto-sans-sc.css`) and a `font-faces` entry for map styles (`noto-sans-sc.json`).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'vite';

const FAMILY = 'Noto Sans SC';

interface Face {
  file: string;
  ranges: string[];
}

export function notoSansSc(): Plugin {
  const root = dirname(
    createRequire(import.meta.url).resolve('@fontsource-variable/noto-sans-sc/package.json'),
  );
  const faces = facesIn(root);
  const generated = new Map([
    ['noto-sans-sc.css', pageCss(faces)],
    ['noto-sans-sc.json', JSON.stringify(mapFaces(faces))],
  ]);
  return {
    name: 'noto-sans-sc',
    configureServer(server) {
      server.middlewares.use('/fonts', (request, response, next) => {
        const name = (request.url ?? '/').slice(1).split('?')[0] ?? '';
        const text = generated.get(name);
        if (text !== undefined) {
          response.setHeader(
            'content-type',
            name.endsWith('.css') ? 'text/css' : 'application/json',
          );
          response.end(text);
        } else if (faces.some((face) => face.file === name)) {
          response.setHeader('content-type', 'font/woff2');
          response.end(readFileSync(join(root, 'files', name)));
        } else {
          next();
        }
      });
    },
    generateBundle() {
      for (const [name, source] of generated) {
        this.emitFile({ type: 'asset', fileName: `fonts/${name}`, source });
      }
      for (const { file } of faces) {
        const source = readFileSync(join(root, 'files', file));
        this.emitFile({ type: 'asset', fileName: `fonts/${file}`, source });
      }
    },
  };
}

/** `unicode.json` maps a subset's key (`[4]`, `latin`) to its ranges; the file name carries the same key. */
function facesIn(root: string): Face[] {
  const unicode = JSON.parse(readFileSync(join(root, 'unicode.json'), 'utf8')) as Record<
    string,
    string
  >;
  const present = new Set(readdirSync(join(root, 'files')));
  return Object.entries(unicode).map(([key, ranges]) => {
    const file = `noto-sans-sc-${key.replace(/[[\]]/g, '')}-wght-normal.woff2`;
    if (!present.has(file)) throw new Error(`the font package has no file ${file}`);
    return { file, ranges: ranges.split(',') };
  });
}

function mapFaces(faces: Face[]) {
  return {
    [FAMILY]: faces.map(({ file, ranges }) => ({ url: `/fonts/${file}`, 'unicode-range': ranges })),
  };
}

function pageCss(faces: Face[]): string {
  return faces
    .map(
      ({ file, ranges }) =>
        `@font-face{font-family:"${FAMILY}";font-display:swap;font-weight:100 900;` +
        `src:url(/fonts/${file}) format("woff2");unicode-range:${ranges.join(',')}}`,
    )
    .join('\n');
}

// Bundles what browsers run: src/browser/live.ts → src/browser/dist/live.js for the public page, desk.ts → desk.js for
// the console, passkey.ts → passkey.js for its door, and what other sites include: se-v2.ts, embed.ts and the frame.ts it
// shows; push.ts and push-worker.ts are for notifications. The results are part of the repository, so an installation
// without development packages has them too;
// `node scripts/build.mjs --check` says whether they are up to date.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (name) => fileURLToPath(new URL(`../src/browser/${name}`, import.meta.url));
const MODULES = ['live', 'desk', 'passkey', 'se-v2', 'embed', 'frame', 'push', 'push-worker'];
const check = process.argv.includes('--check');

const esbuild = await import('esbuild').catch(() => undefined);
if (!esbuild) {
  const missing = MODULES.filter((name) => !existsSync(path(`dist/${name}.js`)));
  if (missing.length === 0) process.exit(0);
  console.error(
    `src/browser/dist/${missing[0]}.js is missing and esbuild is not installed. Run: npm ci && npm run build`,
  );
  process.exit(1);
}

let isOld = false;
for (const name of MODULES) {
  const out = path(`dist/${name}.js`);
  const { outputFiles } = await esbuild.build({
    entryPoints: [path(`${name}.ts`)],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    write: false,
  });
  const [{ contents }] = outputFiles;
  if (existsSync(out) && readFileSync(out).equals(contents)) continue;
  if (check) {
    console.error(`src/browser/dist/${name}.js is older than its sources. Run: npm run build`);
    isOld = true;
    continue;
  }
  mkdirSync(path('dist'), { recursive: true });
  writeFileSync(out, contents);
}
process.exit(isOld ? 1 : 0);

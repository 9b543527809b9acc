// Bundles what browsers run: src/browser/live.ts → src/browser/dist/live.js. The result is part of the repository, so an
// installation without development packages has it too; `node scripts/build.mjs --check` says whether it is up to date.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (name) => fileURLToPath(new URL(`../src/browser/${name}`, import.meta.url));
const out = path('dist/live.js');
const check = process.argv.includes('--check');

const esbuild = await import('esbuild').catch(() => undefined);
if (!esbuild) {
  if (existsSync(out)) process.exit(0);
  console.error(
    'src/browser/dist/live.js is missing and esbuild is not installed. Run: npm ci && npm run build',
  );
  process.exit(1);
}

const { outputFiles } = await esbuild.build({
  entryPoints: [path('live.ts')],
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none',
  write: false,
});
const [{ contents }] = outputFiles;
const same = existsSync(out) && readFileSync(out).equals(contents);
if (check) {
  if (!same) console.error('src/browser/dist/live.js is older than its sources. Run: npm run build');
  process.exit(same ? 0 : 1);
}
if (!same) {
  mkdirSync(path('dist'), { recursive: true });
  writeFileSync(out, contents);
}

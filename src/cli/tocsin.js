#!/usr/bin/env node
// Plain JavaScript on purpose: it must run on any Node, to say clearly which one is needed.
const { napi, node } = process.versions;
const [major = 0, minor = 0] = node.split('.').map(Number);
if (Number(napi) < 10 || major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Tocsin needs Node 22.18 or newer; this is ${node}.\n` +
      'Inside the project, "npm start" and "npm run demo" use the Node that npm ci has installed.',
  );
  process.exit(1);
}
const { run } = await import('./run.ts');
process.exitCode = await run(process.argv.slice(2));

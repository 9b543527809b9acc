#!/usr/bin/env node
// Plain JavaScript on purpose: it must run on any Node, to say clearly which one is needed.
const { napi, node } = process.versions;
const [major = 0, minor = 0] = node.split('.').map(Number);
if (Number(napi) < 10 || major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Tocsin needs Node 22.18 or newer; this is ${node}.\n` +
      'Install a newer Node, or run "npm ci" without --omit=dev: it brings one, which "npm start" then uses.',
  );
  process.exit(1);
}
const { run } = await import('./run.ts');
const code = await run(process.argv.slice(2));
// Whatever refused us may still hold a socket, and would keep the process that has said so.
if (code !== 0) process.exit(code);

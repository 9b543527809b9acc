import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { deskCss } from '../../templates/styles.ts';

/** The desk's own files, under addresses that change with their content. */
export interface Assets {
  css: string;
  /** Null when the modules have not been built: everything works without them. */
  js: string | null;
  /** Only for screens with passkeys. */
  passkey: string | null;
}

interface Asset {
  type: string;
  body: Buffer;
  hash: string;
}

const YEAR_S = 31_536_000;

const styles = deskCss();
const CSS: Asset = { type: 'text/css; charset=utf-8', body: Buffer.from(styles.text), hash: styles.hash };
const JS = readModule('desk');
const PASSKEY = readModule('passkey');

function readModule(name: string): Asset | undefined {
  const module = new URL(`../../browser/dist/${name}.js`, import.meta.url);
  if (!existsSync(module)) return undefined;
  const body = readFileSync(module);
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12);
  return { type: 'text/javascript; charset=utf-8', body, hash };
}

export const assets = (): Assets => ({
  css: `/desk/desk-${CSS.hash}.css`,
  js: JS === undefined ? null : `/desk/desk-${JS.hash}.js`,
  passkey: PASSKEY === undefined ? null : `/desk/passkey-${PASSKEY.hash}.js`,
});

/** Serves them. Another hash gets today's file uncached: a page from before a restart must still look right. */
export function serveAssets(app: FastifyInstance): void {
  const send = (reply: FastifyReply, asset: Asset, hash: string) =>
    reply
      .header('cache-control', hash === asset.hash ? `public, max-age=${YEAR_S}, immutable` : 'no-cache')
      .type(asset.type)
      .send(asset.body);
  app.get<{ Params: { hash: string } }>('/desk-:hash.css', { logLevel: 'warn' }, async (request, reply) =>
    send(reply, CSS, request.params.hash),
  );
  if (JS)
    app.get<{ Params: { hash: string } }>('/desk-:hash.js', { logLevel: 'warn' }, async (request, reply) =>
      send(reply, JS, request.params.hash),
    );
  if (PASSKEY)
    app.get<{ Params: { hash: string } }>('/passkey-:hash.js', { logLevel: 'warn' }, async (request, reply) =>
      send(reply, PASSKEY, request.params.hash),
    );
}

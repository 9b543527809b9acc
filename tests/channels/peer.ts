import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';
import type { ChannelTools } from '../../src/channels/contract.ts';
import { openGuardedFetch } from '../../src/channels/guard.ts';

export interface Asked {
  method: string;
  /** Path and query. */
  path: string;
  headers: Record<string, string>;
  body: string;
}
export interface Says {
  status?: number;
  json?: unknown;
  text?: string;
  headers?: Record<string, string>;
}

/** A peer that answers as the test says, for what no stand-in does; it keeps what it was asked. */
export async function scripted(t: Test, answer: (asked: Asked) => Says) {
  const asked: Asked[] = [];
  const server = createServer(async (req, res) => {
    let body = '';
    for await (const chunk of req) body += chunk;
    const one = {
      method: req.method ?? '',
      path: req.url ?? '',
      headers: req.headers as Record<string, string>,
      body,
    };
    asked.push(one);
    const { status = 200, json, text, headers = {} } = answer(one);
    const type = json === undefined ? 'text/plain' : 'application/json';
    res.writeHead(status, { 'content-type': type, ...headers });
    res.end(json === undefined ? (text ?? '') : JSON.stringify(json));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const guard = openGuardedFetch({ allow: [url], timeoutMs: 20_000 });
  t.teardown(async () => {
    await guard.close();
    server.close();
  });
  const saved: Record<string, string>[] = [];
  const tools: ChannelTools = {
    ...guard,
    now: Date.now,
    saveSecrets: async (secrets) => {
      saved.push(secrets);
    },
  };
  return { url, tools, asked, saved };
}

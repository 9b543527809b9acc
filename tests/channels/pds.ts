import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { envToCfg, envToSecrets, PDS, type ServerEnvironment } from '@atproto/pds';
import type { Test } from 'tap';
import { freePort } from '../free-port.ts';

const JWT_SECRET = 'a-secret-of-thirty-two-characters';
export const PASSWORD = 'correct-horse-battery';

interface PlcOperation {
  verificationMethods: Record<string, string>;
  alsoKnownAs: string[];
  services: Record<string, { type: string; endpoint: string }>;
}

/** The directory of accounts that a Bluesky server asks who is who: keeps what it is told, by https://web.plc.directory/spec */
async function openPlc(t: Test): Promise<string> {
  const operations = new Map<string, PlcOperation[]>();
  const server = createServer((req, res) => {
    const answer = (status: number, body: unknown) => {
      res.writeHead(status, { 'content-type': 'application/json' });
      res.end(JSON.stringify(body));
    };
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const [, did = '', ...rest] = decodeURIComponent(req.url ?? '').split('/');
      if (req.method === 'POST') {
        const operation = JSON.parse(Buffer.concat(chunks).toString('utf8')) as PlcOperation;
        operations.set(did, [...(operations.get(did) ?? []), operation]);
        return answer(200, {});
      }
      const last = operations.get(did)?.at(-1);
      if (last === undefined) return answer(404, { message: `DID not registered: ${did}` });
      if (rest[0] === 'log') return answer(200, last);
      if (rest[0] === 'data') return answer(200, { did, ...last });
      return answer(200, {
        '@context': ['https://www.w3.org/ns/did/v1'],
        id: did,
        alsoKnownAs: last.alsoKnownAs,
        verificationMethod: Object.entries(last.verificationMethods).map(([name, key]) => ({
          id: `${did}#${name}`,
          type: 'Multikey',
          controller: did,
          publicKeyMultibase: key.replace('did:key:', ''),
        })),
        service: Object.entries(last.services).map(([name, { type, endpoint }]) => ({
          id: `#${name}`,
          type,
          serviceEndpoint: endpoint,
        })),
      });
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.teardown(() => new Promise((done) => server.close(done)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Bluesky's own server (@atproto/pds), on this machine, with one account that anybody could have made. */
export async function openPds(t: Test): Promise<{ url: string; handle: string; did: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-pds-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const port = await freePort();
  const env: ServerEnvironment = {
    port,
    hostname: 'localhost',
    dataDirectory: folder,
    blobstoreDiskLocation: join(folder, 'blobs'),
    didPlcUrl: await openPlc(t),
    jwtSecret: JWT_SECRET,
    adminPassword: 'nobody-signs-in-with-it',
    inviteRequired: false,
    serviceHandleDomains: ['.test'],
    devMode: true,
    disableSsrfProtection: true,
    rateLimitsEnabled: false,
    plcRotationKeyK256PrivateKeyHex: '11'.repeat(32),
    dpopSecret: '22'.repeat(32),
    crawlers: [],
  };
  const pds = await PDS.create(envToCfg(env), envToSecrets(env));
  await pds.start();
  t.teardown(() => pds.destroy());
  const url = `http://127.0.0.1:${port}`;
  const handle = 'northwind.test';
  const made = await fetch(`${url}/xrpc/com.atproto.server.createAccount`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ handle, email: 'desk@northwind.example', password: PASSWORD }),
  });
  const { did } = (await made.json()) as { did: string };
  return { url, handle, did };
}

/** The same access token as it is two hours later: signed by the server, and over. */
export function agedToken(token: string): string {
  const [head = '', body = ''] = token.split('.');
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as Record<string, unknown>;
  const over = Math.floor(Date.now() / 1000) - 60;
  const aged = Buffer.from(JSON.stringify({ ...claims, iat: over - 7_200, exp: over })).toString('base64url');
  return `${head}.${aged}.${createHmac('sha256', JWT_SECRET).update(`${head}.${aged}`).digest('base64url')}`;
}

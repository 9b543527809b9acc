import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An OpenID Connect issuer on loopback, which says what a test tells it to. */
export interface Issuer {
  url: string;
  /** What the next person who comes is. */
  says: { sub: string; email?: string; email_verified?: boolean };
  /** Goes over the claims of the next token, or spoils it. */
  wrong: { claims?: Record<string, unknown>; otherKey?: boolean; noAlgorithm?: boolean };
  /** How it takes requests: as it should, with an error, or by never answering. */
  mood: 'well' | 'broken' | 'silent';
  /** Signs somebody in, as a browser that is sent to `url` and comes back does; where it is sent back to. */
  visit(url: string): string;
  close(): Promise<void>;
}

export const CLIENT = { id: 'tocsin', secret: 'between us' };

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

export async function openIssuer(): Promise<Issuer> {
  const good = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const codes = new Map<string, { nonce: string; challenge: string; back: string }>();
  const sockets = new Set<ServerResponse>();
  const server: Server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const issuer: Issuer = {
    url,
    says: { sub: 'nobody' },
    wrong: {},
    mood: 'well',
    visit(address) {
      const asked = new URL(address).searchParams;
      const code = randomUUID();
      const back = asked.get('redirect_uri') ?? '';
      codes.set(code, {
        nonce: asked.get('nonce') ?? '',
        challenge: asked.get('code_challenge') ?? '',
        back,
      });
      const to = new URL(back);
      to.searchParams.set('code', code);
      to.searchParams.set('state', asked.get('state') ?? '');
      return `${to.pathname}${to.search}`;
    },
    async close() {
      for (const response of sockets) response.destroy();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (issuer.mood === 'silent') {
      sockets.add(response);
      return;
    }
    const send = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (issuer.mood === 'broken') return void send(500, { error: 'server_error' });
    switch (new URL(request.url ?? '/', url).pathname) {
      case '/.well-known/openid-configuration':
        return void send(200, {
          issuer: url,
          authorization_endpoint: `${url}/authorize`,
          token_endpoint: `${url}/token`,
          jwks_uri: `${url}/keys`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
        });
      case '/keys':
        return void send(200, {
          keys: [{ ...good.publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }],
        });
      case '/token': {
        let text = '';
        for await (const chunk of request) text += chunk;
        const form = new URLSearchParams(text);
        const held = codes.get(form.get('code') ?? '');
        codes.delete(form.get('code') ?? '');
        const proof = createHash('sha256')
          .update(form.get('code_verifier') ?? '')
          .digest('base64url');
        const isClient = form.get('client_secret') === CLIENT.secret && form.get('client_id') === CLIENT.id;
        if (!held || !isClient || proof !== held.challenge || form.get('redirect_uri') !== held.back)
          return void send(400, { error: 'invalid_grant' });
        const now = Math.floor(Date.now() / 1_000);
        const claims = {
          iss: url,
          aud: CLIENT.id,
          iat: now,
          exp: now + 300,
          nonce: held.nonce,
          ...issuer.says,
          ...issuer.wrong.claims,
        };
        const head = issuer.wrong.noAlgorithm ? { alg: 'none' } : { alg: 'RS256', kid: 'one' };
        const signed = `${encode(head)}.${encode(claims)}`;
        const key = issuer.wrong.otherKey ? other.privateKey : good.privateKey;
        const signature = issuer.wrong.noAlgorithm
          ? ''
          : sign('sha256', Buffer.from(signed), key).toString('base64url');
        return void send(200, {
          access_token: 'a',
          token_type: 'bearer',
          id_token: `${signed}.${signature}`,
        });
      }
      default:
        return void send(404, {});
    }
  }
  return issuer;
}

import { createHmac, randomUUID } from 'node:crypto';
import type { Account } from '../facts.ts';
import { type Answer, bearer, type Call, json, textField } from '../network.ts';
import { RateWindow } from '../rates.ts';
import type { World } from '../world.ts';

/** Lifetimes of the reference server. */
const ACCESS_MS = 2 * 3_600_000;
const REFRESH_MS = 90 * 24 * 3_600_000;

const INVALID_TOKEN = json(400, { error: 'InvalidToken', message: 'Token could not be verified' });
export const EXPIRED_TOKEN = json(400, { error: 'ExpiredToken', message: 'Token has expired' });

interface Claims {
  scope: string;
  sub: string;
  aud: string;
  iat: number;
  exp: number;
  jti?: string;
}

export interface Sessions {
  create(call: Call): Answer;
  refresh(call: Call): Answer;
  remove(call: Call): Answer;
  current(account: Account): Answer;
  /** The owner of a good access token, or the server's complaint. An expired token is a 400. */
  holder(call: Call): Account | Answer;
  /** Whose session is asked for or renewed, whether or not it is given. */
  about(call: Call): Account | undefined;
}

/** Sessions by password: access for 2 h, and a refresh token that works once. */
export function openSessions(world: World): Sessions {
  const key = `bluesky sessions ${world.seed}`;
  const refreshable = new Set<string>();
  const logins = new RateWindow(30, 5 * 60_000);
  const dailyLogins = new RateWindow(300, 24 * 3_600_000);

  const sign = (claims: Claims, typ: string): string => {
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const body = `${part({ typ, alg: 'HS256' })}.${part(claims)}`;
    return `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`;
  };
  const read = (token: string): Claims | undefined => {
    const [head = '', claims = '', signature = ''] = token.split('.');
    if (createHmac('sha256', key).update(`${head}.${claims}`).digest('base64url') !== signature)
      return undefined;
    return JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as Claims;
  };
  const give = (account: Account, now: number): Record<string, unknown> => {
    const iat = Math.floor(now / 1000);
    const jti = randomUUID();
    refreshable.add(jti);
    const common = { sub: account.id, aud: 'did:web:127.0.0.1', iat };
    return {
      did: account.id,
      didDoc: didDocOf(world, account),
      handle: account.handle,
      email: `${account.handle.split('.')[0]}@northwind.example`,
      emailConfirmed: true,
      emailAuthFactor: false,
      accessJwt: sign({ scope: 'com.atproto.appPass', ...common, exp: iat + ACCESS_MS / 1000 }, 'at+jwt'),
      refreshJwt: sign(
        { scope: 'com.atproto.refresh', ...common, exp: iat + REFRESH_MS / 1000, jti },
        'refresh+jwt',
      ),
      active: true,
    };
  };
  const claimsOf = (call: Call, scope: (name: string) => boolean): Claims | Answer => {
    const token = bearer(call);
    if (token === '') return json(401, { error: 'AuthMissing', message: 'Authentication Required' });
    const claims = read(token);
    if (claims === undefined || !scope(claims.scope)) return INVALID_TOKEN;
    return claims.exp * 1000 <= call.now ? EXPIRED_TOKEN : claims;
  };
  const isRefresh = (name: string): boolean => name === 'com.atproto.refresh';
  const asked = (call: Call): Account | undefined => {
    const name = textField(call.body, 'identifier');
    if (name !== undefined) return world.account('bluesky', name.replace(/^@/, ''));
    const claims = read(bearer(call));
    return claims === undefined ? undefined : world.account('bluesky', claims.sub);
  };

  return {
    about: asked,

    create(call) {
      const account = asked(call);
      const name = textField(call.body, 'identifier') ?? '';
      const window = logins.take(name, call.now);
      const day = dailyLogins.take(name, call.now);
      const headers = {
        'ratelimit-limit': '30',
        'ratelimit-remaining': String(window.remaining),
        'ratelimit-reset': String(Math.ceil(window.resetAt / 1000)),
        'ratelimit-policy': '30;w=300',
      };
      if ((window.refused || day.refused) && account !== undefined && world.metered(account)) {
        return json(429, { error: 'RateLimitExceeded', message: 'Rate Limit Exceeded' }, headers);
      }
      if (account === undefined || account.secrets['password'] !== textField(call.body, 'password')) {
        return json(
          401,
          { error: 'AuthenticationRequired', message: 'Invalid identifier or password' },
          headers,
        );
      }
      return json(200, give(account, call.now), headers);
    },

    refresh(call) {
      const claims = claimsOf(call, isRefresh);
      if ('status' in claims) return claims;
      const account = world.account('bluesky', claims.sub);
      // A refresh token that was used is gone, and the server says so as if it were old.
      if (account === undefined || !refreshable.delete(claims.jti ?? '')) {
        return json(400, { error: 'ExpiredToken', message: 'Token has been revoked' });
      }
      return json(200, give(account, call.now));
    },

    remove(call) {
      const claims = claimsOf(call, isRefresh);
      if ('status' in claims) return claims;
      refreshable.delete(claims.jti ?? '');
      return { status: 200 };
    },

    current: (account) =>
      json(200, {
        did: account.id,
        handle: account.handle,
        didDoc: didDocOf(world, account),
        email: `${account.handle.split('.')[0]}@northwind.example`,
        emailConfirmed: true,
        active: true,
      }),

    holder(call) {
      const claims = claimsOf(call, (name) => !isRefresh(name));
      if ('status' in claims) return claims;
      return world.account('bluesky', claims.sub) ?? INVALID_TOKEN;
    },
  };
}

function didDocOf(world: World, account: Account): Record<string, unknown> {
  return {
    '@context': ['https://www.w3.org/ns/did/v1'],
    id: account.id,
    alsoKnownAs: [`at://${account.handle}`],
    service: [
      { id: '#atproto_pds', type: 'AtprotoPersonalDataServer', serviceEndpoint: `${world.url}/bluesky` },
    ],
  };
}

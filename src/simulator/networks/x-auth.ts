import { createHmac } from 'node:crypto';
import type { Account } from '../facts.ts';
import { type Answer, bearer, type Call, json } from '../network.ts';
import type { World } from '../world.ts';
import { UNAUTHORIZED } from './x-errors.ts';

const APP_ONLY: Answer = json(403, {
  title: 'Unsupported Authentication',
  detail:
    'Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.  Supported authentication types are [OAuth 1.0a User Context, OAuth 2.0 User Context].',
  type: 'https://api.twitter.com/2/problems/unsupported-authentication',
  status: 403,
});

/** OAuth 1.0a (RFC 5849, signature checked) or an OAuth 2 user token; an app-only token is refused as X does. */
export function authenticateX(world: World, call: Call): Account | Answer {
  const token = bearer(call);
  if (token !== '') {
    const user = world.accounts.find(
      (one) =>
        one.network === 'x' &&
        (one.extra['bearer'] === token ||
          (one.extra['userToken'] === token && call.now < Number(one.extra['userUntil']))),
    );
    if (user !== undefined) return user;
    const app = world.accounts.some((one) => one.network === 'x' && one.extra['appBearer'] === token);
    return app ? APP_ONLY : UNAUTHORIZED;
  }
  const oauth = oauthParameters(call.headers.authorization ?? '');
  const account = world.accountBySecret('x', 'accessToken', oauth.get('oauth_token') ?? '');
  if (account === undefined || account.secrets['consumerKey'] !== oauth.get('oauth_consumer_key')) {
    return UNAUTHORIZED;
  }
  const signature = signatureOf(call, oauth, account);
  return signature === oauth.get('oauth_signature') ? account : UNAUTHORIZED;
}

function oauthParameters(header: string): Map<string, string> {
  const found = new Map<string, string>();
  if (!/^OAuth\s/i.test(header)) return found;
  for (const [, name = '', value = ''] of header.matchAll(/(\w+)="([^"]*)"/g)) {
    found.set(name, decodeURIComponent(value));
  }
  return found;
}

/** RFC 5849 §3.4: a JSON body is not signed, a form body is. */
function signatureOf(call: Call, oauth: Map<string, string>, account: Account): string {
  const pairs: [string, string][] = [...oauth].filter(
    ([name]) => name !== 'oauth_signature' && name !== 'realm',
  );
  pairs.push(...call.query);
  if ((call.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')) {
    pairs.push(...new URLSearchParams(call.raw.toString('utf8')));
  }
  const parameters = pairs
    .map(([name, value]): [string, string] => [percent(name), percent(value)])
    .sort(([a, x], [b, y]) => (a === b ? compare(x, y) : compare(a, b)))
    .map((pair) => pair.join('='))
    .join('&');
  const base = [call.method, percent(call.address), percent(parameters)].join('&');
  const key = `${percent(account.secrets['consumerSecret'] ?? '')}&${percent(account.secrets['accessSecret'] ?? '')}`;
  return createHmac('sha1', key).update(base).digest('base64');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function percent(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

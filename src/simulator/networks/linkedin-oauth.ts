/** LinkedIn's authorization server: tokens for 60 days, and refresh tokens that this stand-in lets work once. */
import type { Account } from '../facts.ts';
import { type Answer, bearer, type Call, json, type OpenRoute, textField } from '../network.ts';
import { ALPHANUMERIC, seededWord } from '../random.ts';
import { clientIn, clientOf, signInRoutes } from '../sign-in.ts';
import type { World } from '../world.ts';
import { UNAUTHORIZED } from './linkedin-errors.ts';

const DAY = 24 * 3_600_000;
const TOKEN_MS = 60 * DAY;
const REFRESH_MS = 365 * DAY;

/** Tokens live in the account, as they outlive a reset: `extra.token` and, from `since` on, `extra.refresh`. */
export function openOAuth(world: World) {
  const of = (account: Account, name: string): string => account.extra[name] ?? '';
  const endOf = (account: Account): number => Number(of(account, 'since')) + TOKEN_MS;

  function holder(call: Call): Account | Answer {
    const token = bearer(call);
    if (token === '') return UNAUTHORIZED.empty;
    const account = world.accounts.find((one) => one.network === 'linkedin' && one.extra['token'] === token);
    if (account !== undefined) return call.now < endOf(account) ? account : UNAUTHORIZED.expired;
    const old = world.accounts.some(
      (one) => one.network === 'linkedin' && (one.extra['spent'] ?? '').split(' ').includes(token),
    );
    return old ? UNAUTHORIZED.expired : UNAUTHORIZED.invalid;
  }

  const client = (call: Call): Account | undefined => {
    const { id, secret } = clientIn(call);
    return world.accounts.find(
      (one) =>
        one.network === 'linkedin' && id !== '' && clientOf(one).id === id && clientOf(one).secret === secret,
    );
  };
  const complain = (description: string, error = 'invalid_request'): Answer =>
    json(400, { error, error_description: description });

  /** A new pair; the old tokens are over. */
  function issue(account: Account, call: Call, scope: string): Answer {
    const turn = Number(of(account, 'turn')) + 1;
    const word = (name: string, length: number): string =>
      `AQ${seededWord(world.seed, `linkedin ${account.handle} ${name} ${turn}`, length, ALPHANUMERIC)}`;
    account.extra['spent'] = `${of(account, 'spent')} ${of(account, 'token')}`.trim();
    account.extra['turn'] = String(turn);
    account.extra['token'] = word('token', 180);
    account.extra['refresh'] = word('refresh', 180);
    account.extra['since'] = String(call.now);
    return json(200, {
      access_token: account.extra['token'],
      expires_in: TOKEN_MS / 1000,
      refresh_token: account.extra['refresh'],
      refresh_token_expires_in: Math.floor((Number(of(account, 'granted')) + REFRESH_MS - call.now) / 1000),
      scope,
    });
  }

  const routes: OpenRoute[] = [
    ...signInRoutes(world, {
      network: 'linkedin',
      authorize: '/oauth/v2/authorization',
      token: '/oauth/v2/accessToken',
      scopeSeparator: ' ',
      codeMs: 30 * 60_000,
      issue({ account, scopes }, call) {
        account.extra['granted'] = String(call.now);
        return issue(account, call, scopes.join(','));
      },
      otherwise(call) {
        if (textField(call.body, 'grant_type') !== 'refresh_token') return complain('Unsupported grant type');
        const account = client(call);
        const given = textField(call.body, 'refresh_token') ?? '';
        if (
          account === undefined ||
          given === '' ||
          given !== of(account, 'refresh') ||
          call.now > Number(of(account, 'granted')) + REFRESH_MS
        )
          return complain('The provided authorization grant or refresh token is invalid, expired or revoked');
        return issue(account, call, 'r_organization_social,w_organization_social');
      },
    }),
    {
      method: 'POST',
      path: '/oauth/v2/introspectToken',
      does: ['session'],
      about: client,
      run(call) {
        const account = client(call);
        if (account === undefined)
          return json(401, { error: 'invalid_client', error_description: 'Client authentication failed' });
        if (textField(call.body, 'token') !== of(account, 'token')) return json(200, { active: false });
        const since = Number(of(account, 'since'));
        return json(200, {
          active: true,
          client_id: clientOf(account).id,
          authorized_at: Math.floor(since / 1000),
          created_at: Math.floor(since / 1000),
          status: 'active',
          expires_at: Math.floor(endOf(account) / 1000),
          scope: 'r_organization_social,w_organization_social',
          auth_type: '3L',
        });
      },
    },
  ];
  return { holder, routes };
}

import type { Account } from '../facts.ts';
import { type Answer, type Call, json, type OpenRoute, textField } from '../network.ts';
import { ALPHANUMERIC, seededWord } from '../random.ts';
import { clientOf, signInRoutes } from '../sign-in.ts';
import type { World } from '../world.ts';

const HOURS_2 = 2 * 3_600_000;

/** Signing in on X: tokens for two hours (`extra.userToken`, `extra.userUntil`), refresh tokens that work once. */
export function xSignIn(world: World): OpenRoute[] {
  const issue = (account: Account, call: Call, scope: string): Answer => {
    const turn = Number(account.extra['userTurn'] ?? 0) + 1;
    const word = (label: string) =>
      seededWord(world.seed, `x ${account.handle} ${label} ${turn}`, 90, `${ALPHANUMERIC}_-`);
    Object.assign(account.extra, {
      userTurn: String(turn),
      userToken: word('user token'),
      userUntil: String(call.now + HOURS_2),
      userRefresh: word('user refresh'),
      userScope: scope,
    });
    return json(200, {
      token_type: 'bearer',
      expires_in: HOURS_2 / 1_000,
      access_token: account.extra['userToken'],
      scope,
      ...(scope.includes('offline.access') ? { refresh_token: account.extra['userRefresh'] } : {}),
    });
  };
  return signInRoutes(world, {
    network: 'x',
    authorize: '/i/oauth2/authorize',
    token: '/2/oauth2/token',
    pkce: true,
    scopeSeparator: ' ',
    codeMs: 30_000,
    issue: ({ account, scopes }, call) => issue(account, call, scopes.join(' ')),
    otherwise(call, client) {
      if (textField(call.body, 'grant_type') !== 'refresh_token') return undefined;
      const token = textField(call.body, 'refresh_token') ?? '';
      const account = world.accounts.find(
        (one) => one.network === 'x' && token !== '' && one.extra['userRefresh'] === token,
      );
      return account === undefined || clientOf(account).id !== client.id
        ? json(400, {
            error: 'invalid_request',
            error_description: 'Value passed for the token was invalid.',
          })
        : issue(account, call, account.extra['userScope'] ?? '');
    },
  });
}

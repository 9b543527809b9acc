/** Signing in on Facebook, and on Threads and Instagram, which have one flow: a short token, then a long one. */
import type { Account } from '../facts.ts';
import { bearer, json, type OpenRoute } from '../network.ts';
import { ALPHANUMERIC, seededWord } from '../random.ts';
import { clientOf, signInRoutes } from '../sign-in.ts';
import type { World } from '../world.ts';
import { badToken, graphError } from './meta-graph.ts';

const MINUTES_10 = 10 * 60_000;
const DAYS_60_S = 60 * 86_400;

/** Tokens of people, of whom this stand-in knows what they have allowed; they run every page there is. */
export function facebookSignIn(world: World): OpenRoute[] {
  const people = new Map<string, { scopes: readonly string[]; long: boolean }>();
  let made = 0;
  const fresh = (scopes: readonly string[], long: boolean): string => {
    made += 1;
    const token = `EAAU${seededWord(world.seed, `facebook person ${made}`, 170, ALPHANUMERIC)}`;
    people.set(token, { scopes, long });
    return token;
  };
  return [
    {
      method: 'GET',
      path: '/:v/oauth/access_token',
      does: ['session'],
      run({ query }) {
        const person = people.get(query.get('fb_exchange_token') ?? '');
        const isOurs = world.accounts.some(
          (one) =>
            one.network === 'facebook' &&
            clientOf(one).id === query.get('client_id') &&
            clientOf(one).secret === query.get('client_secret'),
        );
        if (!isOurs) return graphError({ message: 'Error validating client secret.', code: 1 });
        if (person === undefined) return badToken(query.get('fb_exchange_token') ?? '');
        return json(200, {
          access_token: fresh(person.scopes, true),
          token_type: 'bearer',
          expires_in: DAYS_60_S,
        });
      },
    },
    {
      method: 'GET',
      path: '/:v/me/permissions',
      does: ['session'],
      run(call) {
        const person = people.get(bearer(call));
        if (person === undefined) return badToken(bearer(call));
        return json(200, {
          data: person.scopes.map((permission) => ({ permission, status: 'granted' })),
        });
      },
    },
    {
      method: 'GET',
      path: '/:v/me/accounts',
      does: ['session'],
      run(call) {
        const person = people.get(bearer(call));
        if (person === undefined) return badToken(bearer(call));
        const pages = world.accounts.filter((one) => one.network === 'facebook');
        return json(200, {
          data: pages.map((one) => ({
            id: one.id,
            name: one.name,
            access_token: one.extra['token'],
            tasks: ['ADVERTISE', 'ANALYZE', 'CREATE_CONTENT', 'MESSAGING', 'MODERATE', 'MANAGE'],
          })),
        });
      },
    },
    ...signInRoutes(world, {
      network: 'facebook',
      authorize: '/:v/dialog/oauth',
      token: '/:v/oauth/access_token',
      scopeSeparator: ',',
      codeMs: MINUTES_10,
      issue: ({ scopes }) =>
        json(200, { access_token: fresh(scopes, false), token_type: 'bearer', expires_in: 5_400 }),
    }),
  ];
}

/** A short token that is good for one thing here: to be made the account's long one, from now on. */
export function longTokenSignIn(
  world: World,
  about: { network: 'threads' | 'instagram'; grant: string; prefix: string },
): OpenRoute[] {
  const short = new Map<string, Account>();
  return [
    {
      method: 'GET',
      path: '/access_token',
      does: ['session'],
      run(call) {
        const token = call.query.get('access_token') ?? '';
        const account = short.get(token);
        if (call.query.get('grant_type') !== about.grant)
          return graphError({ message: 'Unsupported grant type', code: 100 });
        if (account === undefined) return badToken(token);
        if (call.query.get('client_secret') !== clientOf(account).secret)
          return graphError({ message: 'Error validating client secret.', code: 1 });
        const turn = Number(account.extra['turn'] ?? 0) + 1;
        const long = `${about.prefix}${seededWord(world.seed, `${about.network} ${account.handle} signed in ${turn}`, 160, ALPHANUMERIC)}`;
        Object.assign(account.extra, { turn: String(turn), token: long, since: String(call.now) });
        return json(200, { access_token: long, token_type: 'bearer', expires_in: DAYS_60_S });
      },
    },
    ...signInRoutes(world, {
      network: about.network,
      authorize: '/oauth/authorize',
      token: '/oauth/access_token',
      scopeSeparator: ',',
      codeMs: MINUTES_10,
      issue({ account, scopes }) {
        const token = `${about.prefix}${seededWord(world.seed, `${about.network} short ${short.size}`, 120, ALPHANUMERIC)}`;
        short.set(token, account);
        const body = { access_token: token, user_id: Number(account.id) };
        return about.network === 'instagram'
          ? json(200, { data: [{ ...body, permissions: scopes.join(',') }] })
          : json(200, body);
      },
    }),
  ];
}

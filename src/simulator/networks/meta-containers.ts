/** Containers, as Threads and Instagram prepare them: invisible, published once, gone after a day. */
import type { Account } from '../facts.ts';
import { type AccountSeed, type Answer, type Call, type Credentials, json } from '../network.ts';
import { ALPHANUMERIC } from '../random.ts';
import type { World } from '../world.ts';
import { expiredToken, graphCaller, graphError, notThere } from './meta-graph.ts';

const LIFE_MS = 24 * 3_600_000;

export interface Container {
  id: string;
  account: string;
  text: string;
  /** Native id of what it answers. */
  replyTo: string | null;
  raw: Record<string, unknown>;
  madeAt: number;
  readyAt: number;
  /** The post it became. */
  post: string | null;
}

export function openContainers(nextId: () => string) {
  const all = new Map<string, Container>();
  const statusOf = (one: Container, now: number): string => {
    if (one.post !== null) return 'PUBLISHED';
    if (now - one.madeAt >= LIFE_MS) return 'EXPIRED';
    return now < one.readyAt ? 'IN_PROGRESS' : 'FINISHED';
  };
  return {
    /** The option `preparesMs` of the account says how long it takes. */
    make(account: Account, now: number, made: Pick<Container, 'text' | 'replyTo' | 'raw'>): Answer {
      const id = nextId();
      const readyAt = now + Number(account.options['preparesMs'] ?? 0);
      all.set(id, { id, account: account.id, madeAt: now, readyAt, post: null, ...made });
      return json(200, { id });
    },
    status(id: string, now: number, field: 'status' | 'status_code'): Answer | undefined {
      const one = all.get(id);
      return one === undefined ? undefined : json(200, { [field]: statusOf(one, now), id });
    },
    /** The container, when this account may publish it now; else the network's complaint. */
    take(account: Account, id: string, now: number, notReady: Answer): Container | Answer {
      const one = all.get(id);
      if (one === undefined || one.account !== account.id) return notThere('post', id);
      const status = statusOf(one, now);
      if (status === 'FINISHED') return one;
      if (status === 'IN_PROGRESS') return notReady;
      return graphError({
        message: 'The media could not be published',
        code: status === 'EXPIRED' ? -2 : 100,
        ...(status === 'EXPIRED' ? { error_subcode: 2207020 } : {}),
        error_user_msg:
          status === 'EXPIRED'
            ? 'The media you are trying to access has expired. Please try to upload again.'
            : 'Media already published',
      });
    },
  };
}

/** "You reached maximum number of posts": the rolling day of both networks. */
export const QUOTA_USED = graphError({
  message: 'Application request limit reached',
  code: 9,
  error_subcode: 2207042,
  is_transient: false,
  error_user_title: 'Maximum posts reached',
  error_user_msg:
    'You reached maximum number of posts that is allowed to be published by Content Publishing API.',
});

const DAY = 24 * 3_600_000;
/** Tokens of 60 days that are extended while they live: `extra.token`, `extra.since`. */
export const tokenEnd = (account: Account): number => Number(account.extra['since']) + 60 * DAY;
export const isTokenOver = (account: Account, now: number): boolean => now >= tokenEnd(account);

/** `GET /refresh_access_token`: a new token for one that is at least a day old and not over. */
export function extendToken(
  account: Account,
  now: number,
  fresh: (turn: number) => string,
  grant: string | null,
  wanted: string,
): Answer {
  if (grant !== wanted) return graphError({ message: `Unsupported grant type: ${grant}`, code: 100 });
  if (now - Number(account.extra['since']) < DAY)
    return graphError({
      message: 'The access token must be at least 24 hours old to be refreshed',
      code: 100,
    });
  const turn = Number(account.extra['turn'] ?? 0) + 1;
  account.extra['turn'] = String(turn);
  account.extra['spent'] = account.extra['token'] ?? '';
  account.extra['token'] = fresh(turn);
  account.extra['since'] = String(now);
  return json(200, {
    access_token: account.extra['token'],
    token_type: 'bearer',
    expires_in: (60 * DAY) / 1000,
  });
}

/** An account whose app's secret people enter only with the option `webhooks`; its token is one of 60 days. */
export function tokenCredentials(
  world: World,
  network: 'threads' | 'instagram',
  prefix: string,
  seed: AccountSeed,
): Credentials {
  const accessToken = `${prefix}${seed.word('accessToken', 160, ALPHANUMERIC)}`;
  const appSecret = seed.word('appSecret', 32, '0123456789abcdef');
  return {
    settings: { api: `${world.url}/${network}`, username: `@${seed.handle}` },
    secrets: { accessToken, ...(seed.options['webhooks'] === true ? { appSecret } : {}) },
    extra: { token: accessToken, since: String(world.now()), turn: '0', appSecret },
  };
}

/** Who calls, with a token that is not over. */
export function liveCaller(world: World, network: 'threads' | 'instagram', call: Call): Account | Answer {
  const caller = graphCaller(world, network, call);
  return 'handle' in caller && isTokenOver(caller, call.now) ? expiredToken() : caller;
}

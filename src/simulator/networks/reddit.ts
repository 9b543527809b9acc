import type { Account, Post } from '../facts.ts';
import { type Answer, bearer, type Call, json, type NetworkKind, textField } from '../network.ts';
import { seededWord } from '../random.ts';
import { RateWindow } from '../rates.ts';
import { clientOf, signInRoutes } from '../sign-in.ts';

/** 100 a minute for each client, averaged over ten minutes. */
const CALLS = 1_000;
const CALLS_MS = 600_000;
/** What a quiet account may post before Reddit says "Take a break": not documented, and so about. */
const POSTS = 10;
const POSTS_MS = 9 * 60_000;
const TOKEN_S = 86_400;
const BASE36 = '0123456789abcdefghijklmnopqrstuvwxyz';

/** Reddit's API with OAuth (https://www.reddit.com/dev/api). Each refresh gives a new refresh token and ends the old. */
export const reddit: NetworkKind = {
  kind: 'reddit',
  name: 'Reddit',
  handle: 'northwindpay',
  open(world) {
    const calls = new RateWindow(CALLS, CALLS_MS);
    const posting = new RateWindow(POSTS, POSTS_MS);
    const access = new Map<string, { account: Account; until: number }>();
    const refresh = new Map<string, string>();
    let made = 0;
    const nextId = () => {
      made += 1;
      return seededWord(world.seed, `reddit id ${made}`, 7, BASE36);
    };
    const refreshOf = (account: Account) => refresh.get(account.id) ?? account.secrets['refreshToken'] ?? '';

    const issue = (account: Account, call: Call, scope: string): Answer => {
      made += 1;
      const token = seededWord(world.seed, `reddit access ${account.id} ${made}`, 48);
      const next = seededWord(world.seed, `reddit refresh ${account.id} ${made}`, 48);
      access.set(token, { account, until: call.now + TOKEN_S * 1_000 });
      refresh.set(account.id, next);
      return json(200, {
        access_token: token,
        token_type: 'bearer',
        expires_in: TOKEN_S,
        scope,
        refresh_token: next,
      });
    };
    const signIn = signInRoutes(world, {
      network: 'reddit',
      authorize: '/api/v1/authorize',
      token: '/api/v1/access_token',
      scopeSeparator: ' ',
      codeMs: 10 * 60_000,
      issue: ({ account, scopes }, call) => issue(account, call, scopes.join(' ')),
      otherwise(call, client) {
        if (call.body['grant_type'] !== 'refresh_token')
          return json(200, { error: 'unsupported_grant_type' });
        const account = world.accounts.find(
          (one) => one.network === 'reddit' && clientOf(one).id === client.id,
        );
        if (account === undefined || textField(call.body, 'refresh_token') !== refreshOf(account))
          return json(400, { message: 'Bad Request', error: 400 });
        return issue(account, call, 'edit history identity privatemessages read submit');
      },
    });

    const keep = (
      account: Account,
      base: string,
      kind: 't1' | 't3',
      fresh: Pick<Post, 'author' | 'text' | 'at' | 'parent'> & Partial<Post>,
      subreddit: string,
      title?: string,
    ): Post => {
      const id = nextId();
      const parent = fresh.parent === null ? undefined : world.post('reddit', fresh.parent);
      const link = kind === 't3' ? `t3_${id}` : String(parent?.raw['link'] ?? `t3_${nextId()}`);
      const path = `/r/${subreddit}/comments/${link.slice(3)}/${kind === 't3' ? '' : `_/${id}/`}`;
      return world.keep({
        ...fresh,
        network: 'reddit',
        account: account.id,
        id: `${kind}_${id}`,
        url: `${base}${path}`,
        paths: [path, path.replace(/\/$/, '')],
        raw: { link, path, subreddit, ...(title === undefined ? {} : { subject: title }) },
      });
    };

    /** The account's own patience with itself; inside a 200. */
    const tooSoon = (account: Account, now: number): Answer | undefined => {
      const { refused, resetAt } = posting.take(account.id, now);
      if (!refused || !world.metered(account)) return undefined;
      const seconds = (resetAt - now) / 1_000;
      const left = seconds >= 60 ? `${Math.floor(seconds / 60)} minutes` : `${Math.floor(seconds)} seconds`;
      return json(200, {
        json: {
          ratelimit: seconds,
          errors: [
            [
              'RATELIMIT',
              `Looks like you've been doing that a lot. Take a break for ${left} before trying again.`,
              'ratelimit',
            ],
          ],
        },
      });
    };

    const submit = (call: Call, account: Account): Answer => {
      const title = (textField(call.body, 'title') ?? '').trim();
      const text = (textField(call.body, 'text') ?? '').replaceAll('\r\n', '\n');
      const sr = textField(call.body, 'sr') ?? '';
      if (title === '') return wrong('NO_TEXT', 'we need something here', 'title');
      if ([...title].length > 300) return wrong('TOO_LONG', 'this is too long (max: 300)', 'title');
      if ([...text].length > 40_000) return wrong('TOO_LONG', 'this is too long (max: 40000)', 'text');
      if (sr.toLowerCase() !== account.settings['subreddit']?.toLowerCase())
        return wrong('SUBREDDIT_NOTALLOWED', "you aren't allowed to post there.", 'sr');
      const soon = tooSoon(account, call.now);
      if (soon !== undefined) return soon;
      const author = { id: `t2_${account.id}`, handle: account.handle, name: account.handle };
      const post = keep(account, call.base, 't3', { author, text, at: call.now, parent: null }, sr, title);
      const id = post.id.slice(3);
      return json(200, {
        json: { errors: [], data: { url: post.url, drafts_count: 0, id, name: post.id } },
      });
    };

    const comment = (call: Call, account: Account): Answer => {
      const parent = world.post('reddit', textField(call.body, 'thing_id') ?? '');
      const text = (textField(call.body, 'text') ?? '').replaceAll('\r\n', '\n');
      if (parent === undefined) return json(403, { message: 'Forbidden', error: 403 });
      if (parent.deletedAt !== null)
        return parent.id.startsWith('t3_')
          ? wrong('DELETED_LINK', 'the link you are commenting on has been deleted', 'parent')
          : wrong('DELETED_COMMENT', 'that comment has been deleted', 'parent');
      if (text.trim() === '') return wrong('NO_TEXT', 'we need something here', 'text');
      if ([...text].length > 10_000) return wrong('TOO_LONG', 'this is too long (max: 10000)', 'text');
      const soon = tooSoon(account, call.now);
      if (soon !== undefined) return soon;
      const author = { id: `t2_${account.id}`, handle: account.handle, name: account.handle };
      const sr = String(parent.raw['subreddit']);
      const post = keep(account, call.base, 't1', { author, text, at: call.now, parent: parent.id }, sr);
      return json(200, { json: { errors: [], data: { things: [thingOf(post)] } } });
    };

    const page = (call: Call, all: readonly Post[]): Answer => {
      const limit = Math.min(100, Number(call.query.get('limit') ?? 25) || 25);
      const after = call.query.get('after');
      const from = after === null ? 0 : all.findIndex((post) => post.id === after) + 1;
      const shown = all.slice(from, from + limit);
      return json(200, {
        kind: 'Listing',
        data: {
          after: from + limit < all.length ? (shown.at(-1)?.id ?? null) : null,
          before: null,
          dist: shown.length,
          children: shown.map(thingOf),
        },
      });
    };

    return {
      credentials: (seed, base) => ({
        settings: {
          clientId: seed.word('clientId', 22),
          username: seed.handle,
          subreddit: seed.handle,
          api: base,
        },
        secrets: { clientSecret: seed.word('clientSecret', 30), refreshToken: seed.word('refreshToken', 48) },
      }),

      before: (call) =>
        // The default names of programs are turned away.
        /^(|undici|node|python-requests.*|curl.*)$/i.test(call.headers['user-agent'] ?? '')
          ? { status: 403, headers: { 'content-type': 'text/html' }, body: '<title>Blocked</title>' }
          : undefined,
      authenticate(call) {
        const known = access.get(bearer(call));
        return known !== undefined && call.now < known.until ? known.account : unauthorized();
      },
      refusal(code, retryAfter) {
        const answer = json(code, { message: MESSAGES[code] ?? 'Error', error: code });
        return retryAfter === undefined
          ? answer
          : {
              ...answer,
              headers:
                code === 429
                  ? { 'x-ratelimit-remaining': '0.0', 'x-ratelimit-reset': String(retryAfter) }
                  : { 'retry-after': String(retryAfter) },
            };
      },
      expired: unauthorized,
      profiles: (account) => [`/user/${account.handle}`, `/r/${account.settings['subreddit']}`],
      meter(call, account) {
        const { refused, remaining, resetAt } = calls.take(account.id, call.now);
        return {
          refused,
          headers: {
            'x-ratelimit-used': String(CALLS - remaining),
            'x-ratelimit-remaining': `${remaining}.0`,
            'x-ratelimit-reset': String(Math.ceil((resetAt - call.now) / 1_000)),
          },
        };
      },

      hear(account, said, base) {
        const author = { ...said.author, id: `t2_${Number(said.author.id).toString(36)}` };
        const fresh = { author, text: said.text, at: said.at, parent: said.inReplyTo, byCustomer: true };
        return keep(account, base, 't1', fresh, String(account.settings['subreddit']));
      },

      openRoutes: signIn,
      routes: [
        {
          method: 'GET',
          path: '/api/v1/me',
          does: ['verify'],
          run: (_call, account) =>
            json(200, {
              id: account.id,
              name: account.handle,
              is_suspended: account.options['suspended'] === true,
              total_karma: 420,
            }),
        },
        { method: 'POST', path: '/api/submit', does: ['publish'], run: submit },
        { method: 'POST', path: '/api/comment', does: ['publish'], run: comment },
        {
          method: 'POST',
          path: '/api/editusertext',
          does: ['edit'],
          run(call, account) {
            const post = world.post('reddit', textField(call.body, 'thing_id') ?? '');
            const text = (textField(call.body, 'text') ?? '').replaceAll('\r\n', '\n');
            if (post === undefined || post.byCustomer || post.account !== account.id)
              return wrong('NOT_AUTHOR', "you can't do that", 'thing_id');
            if (post.deletedAt !== null)
              return wrong('DELETED_COMMENT', 'that comment has been deleted', 'thing_id');
            if (text !== post.text) world.edit(post, text);
            return json(200, { json: { errors: [], data: { things: [thingOf(post)] } } });
          },
        },
        {
          method: 'POST',
          path: '/api/del',
          does: ['remove'],
          run(call, account) {
            const post = world.post('reddit', textField(call.body, 'id') ?? '');
            if (
              post !== undefined &&
              post.account === account.id &&
              post.deletedAt === null &&
              !post.byCustomer
            )
              world.remove(post);
            return json(200, {});
          },
        },
        {
          method: 'GET',
          path: '/api/info',
          does: ['read'],
          run(call) {
            const post = world.post('reddit', call.query.get('id') ?? '');
            return page(
              call,
              post !== undefined && (world.shows(post) || post.deletedAt !== null) ? [post] : [],
            );
          },
        },
        {
          method: 'GET',
          path: '/user/:name/overview',
          does: ['find'],
          run: (call, account) =>
            page(
              call,
              world
                .posts('reddit')
                .filter((post) => post.account === account.id && !post.byCustomer && world.shows(post))
                .toReversed(),
            ),
        },
        {
          method: 'GET',
          path: '/message/inbox',
          does: ['poll'],
          run: (call, account) =>
            page(
              call,
              world
                .posts('reddit')
                .filter((post) => post.account === account.id && post.byCustomer && world.shows(post))
                .toReversed(),
            ),
        },
      ],
    };
  },
};

const MESSAGES: Record<number, string> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};
const unauthorized = (): Answer => json(401, { message: 'Unauthorized', error: 401 });
const wrong = (name: string, words: string, field: string): Answer =>
  json(200, { json: { errors: [[name, words, field]] } });

function thingOf(post: Post): { kind: string; data: Record<string, unknown> } {
  const kind = post.id.slice(0, 2);
  const gone = post.deletedAt !== null;
  const text = gone ? '[deleted]' : post.text;
  return {
    kind,
    data: {
      id: post.id.slice(3),
      name: post.id,
      author: gone ? '[deleted]' : post.author.handle,
      ...(gone ? {} : { author_fullname: post.author.id }),
      subreddit: post.raw['subreddit'],
      created_utc: Math.floor(post.at / 1_000),
      edited: post.editedAt === null ? false : Math.floor(post.editedAt / 1_000),
      permalink: post.raw['path'],
      removed_by_category: null,
      ...(kind === 't3'
        ? { title: post.raw['subject'], selftext: text, is_self: true, url: post.url }
        : {
            body: text,
            parent_id: post.parent ?? post.raw['link'],
            link_id: post.raw['link'],
            ...(post.byCustomer
              ? {
                  was_comment: true,
                  type: post.parent === null ? 'username_mention' : 'comment_reply',
                  subject: post.parent === null ? 'username mention' : 'comment reply',
                  context: `${post.raw['path']}?context=3`,
                }
              : {}),
          }),
    },
  };
}

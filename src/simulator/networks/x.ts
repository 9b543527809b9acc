import type { Account, Post } from '../facts.ts';
import { json, type NetworkKind, objectField, textField } from '../network.ts';
import type { Picture } from '../pictures.ts';
import { ALPHANUMERIC, DIGITS } from '../random.ts';
import { RateWindow } from '../rates.ts';
import { authenticateX } from './x-auth.ts';
import { invalidPage, notFound, problem, refusal, UNAUTHORIZED } from './x-errors.ts';
import { editHistory, normalised, snowflakes, timeline, tweet, user } from './x-posts.ts';
import { xSignIn } from './x-sign-in.ts';
import { createTweet, names, places } from './x-write.ts';

const QUARTER_HOUR = 15 * 60_000;
/**
 * X: the v2 API, as https://docs.x.com and its OpenAPI 2.167 describe it, and as accounts of its errors quote it.
 * An account with the option `subscription: 'Premium'` may edit.
 */
export const x: NetworkKind = {
  kind: 'x',
  name: 'X',
  handle: 'northwindpay',
  open(world) {
    const nextId = snowflakes();
    const uploads = new Map<string, Picture>();
    // Calls per user in 15 minutes: https://docs.x.com/x-api/fundamentals/rate-limits
    const windows: Record<string, RateWindow> = {
      'POST /2/tweets': new RateWindow(100, QUARTER_HOUR),
      'DELETE /2/tweets/:id': new RateWindow(50, QUARTER_HOUR),
      'GET /2/tweets/:id': new RateWindow(900, QUARTER_HOUR),
      'GET /2/users/me': new RateWindow(75, QUARTER_HOUR),
      'GET /2/users/:id/tweets': new RateWindow(900, QUARTER_HOUR),
      'GET /2/users/:id/mentions': new RateWindow(300, QUARTER_HOUR),
    };

    const own = (account: Account): Post[] =>
      world.posts('x').filter((post) => post.author.id === account.id);

    return {
      credentials(seed) {
        const id = seed.id ?? `1${seed.word('id', 11, DIGITS)}`;
        return {
          id,
          settings: { api: `${world.url}/x` },
          secrets: {
            consumerKey: seed.word('consumerKey', 25),
            consumerSecret: seed.word('consumerSecret', 50),
            accessToken: `${id}-${seed.word('accessToken', 40)}`,
            accessSecret: seed.word('accessSecret', 45),
          },
          extra: {
            bearer: seed.word('bearer', 90, `${ALPHANUMERIC}_-`),
            appBearer: `AAAAAAAAAAAAAAAAAAAAA${seed.word('appBearer', 90)}`,
          },
        };
      },

      authenticate: (call) => authenticateX(world, call),
      refusal,
      expired: () => UNAUTHORIZED,
      profiles: (account) => [`/${account.handle}`],

      meter(call, account, route) {
        const window = windows[`${route.method} ${route.path}`];
        if (window === undefined) return { headers: {}, refused: false };
        const { refused, remaining, resetAt } = window.take(account.id, call.now);
        return {
          refused,
          headers: {
            'x-rate-limit-limit': String(window.limit),
            'x-rate-limit-remaining': String(remaining),
            'x-rate-limit-reset': String(Math.ceil(resetAt / 1000)),
          },
        };
      },

      hear(account, said, base) {
        const id = nextId(said.at);
        const parent = said.inReplyTo === null ? undefined : world.post('x', said.inReplyTo);
        return world.keep({
          network: 'x',
          account: account.id,
          byCustomer: true,
          author: said.author,
          id,
          text: normalised(said.text),
          at: said.at,
          parent: said.inReplyTo,
          raw: { conversation: parent?.raw['conversation'] ?? id },
          ...places(base, said.author.handle, id),
        });
      },

      openRoutes: xSignIn(world),
      routes: [
        {
          method: 'POST',
          path: '/2/tweets',
          does: ['publish'],
          run: (call, account) => createTweet(world, nextId, uploads, call, account),
        },
        {
          method: 'POST',
          path: '/2/media/upload',
          does: ['prepare'],
          run(call) {
            const bytes = Buffer.from(textField(call.body, 'media') ?? '', 'base64');
            const mime = textField(call.body, 'media_type') ?? '';
            if (bytes.length === 0 || textField(call.body, 'media_category') !== 'tweet_image')
              return problem(400, 'Bad Request', 'media and media_category are required.');
            const id = nextId(call.now);
            uploads.set(id, world.keepPicture('', mime, bytes));
            return json(200, {
              data: { id, media_key: `3_${id}`, size: bytes.length, expires_after_secs: 86_400 },
            });
          },
        },
        {
          method: 'POST',
          path: '/2/media/metadata',
          does: ['prepare'],
          run(call) {
            const id = textField(call.body, 'id') ?? '';
            const picture = uploads.get(id);
            if (picture === undefined) return problem(400, 'Bad Request', 'There is no such media.');
            picture.alt =
              textField(objectField(objectField(call.body, 'metadata'), 'alt_text'), 'text') ?? '';
            return json(200, { data: { id, associated_metadata: { alt_text: { text: picture.alt } } } });
          },
        },
        {
          method: 'GET',
          path: '/2/tweets/:id',
          does: ['read'],
          run(call) {
            const id = call.params['id'] ?? '';
            const post = world.shown('x', id);
            // A post that is gone is a 200 with an error inside.
            if (post === undefined) return json(200, { errors: [notFound('tweet', 'id', id)] });
            const expand = (call.query.get('expansions') ?? '').split(',').includes('author_id');
            return json(200, {
              data: tweet(world, post, call.query),
              ...(expand ? { includes: { users: [user(post.author, call.query)] } } : {}),
            });
          },
        },
        {
          method: 'DELETE',
          path: '/2/tweets/:id',
          does: ['remove'],
          run(call, account) {
            const id = call.params['id'] ?? '';
            const post = world.post('x', id);
            if (post === undefined || post.deletedAt !== null) return json(404, notFound('tweet', 'id', id));
            if (post.author.id !== account.id) {
              return problem(403, 'Forbidden', 'You are not authorized to delete this Tweet.');
            }
            for (const version of editHistory(world, post)) world.remove(world.post('x', version) ?? post);
            return json(200, { data: { deleted: true } });
          },
        },
        {
          method: 'GET',
          path: '/2/users/me',
          does: ['verify'],
          run: (call, account) => json(200, { data: user(account, call.query) }),
        },
        {
          method: 'GET',
          path: '/2/users/:id/tweets',
          does: ['find'],
          run(call) {
            const account = world.account('x', call.params['id'] ?? '');
            if (account === undefined)
              return json(200, { errors: [notFound('user', 'id', call.params['id'] ?? '')] });
            return invalidPage(call) ?? json(200, timeline(world, own(account), call.query));
          },
        },
        {
          method: 'GET',
          path: '/2/users/:id/mentions',
          does: ['poll'],
          run(call, account) {
            const told = world
              .posts('x')
              .filter((post) => post.byCustomer && post.account === account.id && heard(post, account));
            return invalidPage(call) ?? json(200, timeline(world, told, call.query));
          },
        },
      ],
    };

    /** X shows what names us; an answer to our post does, by the reply prefix, even if the text does not. */
    function heard(post: Post, account: Account): boolean {
      const parent = post.parent === null ? undefined : world.post('x', post.parent);
      return names(post.text, account.handle) || parent?.author.id === account.id;
    }
  },
};

import { type Answer, bearer, type Call, json, type NetworkKind, type Route, textField } from '../network.ts';
import { RateWindow } from '../rates.ts';
import type { Account, Post, World } from '../world.ts';
import { instanceOf, notificationOf, page, personOf, selfOf, statusOf } from './mastodon-entities.ts';
import { countedLength, SOFTWARE, type Software } from './mastodon-text.ts';

const HOUR = 3_600_000;

/**
 * A Mastodon server, by https://docs.joinmastodon.org and its OpenAPI 4.7. With the account option
 * `software: 'gotosocial'` the account lives on a host of its own (`<base>/~<handle>`) that behaves as
 * GoToSocial does: 5,000 characters, links of 25, `Idempotency-Key` ignored, ULIDs, 400 for what is not valid.
 */
export const mastodon: NetworkKind = {
  kind: 'mastodon',
  name: 'Mastodon',
  handle: 'northwindpay',
  open(world) {
    const ids = idMaker();
    const keys = new Map<string, { id: string; until: number }>();
    // https://docs.joinmastodon.org/api/rate-limits/
    const calls = new RateWindow(300, 5 * 60_000);
    const deletes = new RateWindow(30, 30 * 60_000);

    const publish = (call: Call, account: Account): Answer => {
      const software = softwareOf(account);
      const header = call.headers['idempotency-key'];
      const key = typeof header === 'string' && header !== '' ? header : null;
      const kept = key === null ? undefined : keys.get(`${account.id} ${key}`);
      if (software.keepsKeys && kept !== undefined && call.now < kept.until) {
        const post = world.post('mastodon', kept.id);
        if (post !== undefined && post.deletedAt === null) {
          post.receipts += 1;
          return json(200, statusOf(world, post, call.base));
        }
      }
      const wanted = readStatus(call, software);
      if ('status' in wanted) return wanted;
      const parentId = textField(call.body, 'in_reply_to_id') ?? null;
      if (parentId !== null && world.shown('mastodon', parentId) === undefined) {
        return json(404, {
          error:
            software.name === 'mastodon'
              ? 'The post you are trying to reply to does not appear to exist.'
              : software.notFound,
        });
      }
      const id = ids(call.now, software);
      const post = world.keep({
        network: 'mastodon',
        account: account.id,
        author: { id: account.id, handle: account.handle, name: account.name },
        id,
        key,
        text: wanted.text,
        at: call.now,
        parent: parentId,
        raw: wanted.raw,
        ...places(call.base, account.handle, id),
      });
      if (software.keepsKeys && key !== null)
        keys.set(`${account.id} ${key}`, { id, until: call.now + HOUR });
      return json(200, statusOf(world, post, call.base));
    };

    const routes: Route[] = [
      {
        method: 'GET',
        path: '/api/v1/accounts/verify_credentials',
        does: ['verify'],
        run: (call, account) => json(200, selfOf(world, account, call.base)),
      },
      { method: 'POST', path: '/api/v1/statuses', does: ['publish'], run: publish },
      {
        method: 'PUT',
        path: '/api/v1/statuses/:id',
        does: ['edit'],
        run(call, account) {
          const post = ownPost(world, call, account);
          if ('status' in post) return post;
          const wanted = readStatus(call, softwareOf(account));
          if ('status' in wanted) return wanted;
          // The same words again leave no edit behind.
          if (wanted.text !== post.text) world.edit(post, wanted.text);
          return json(200, statusOf(world, post, call.base));
        },
      },
      {
        method: 'DELETE',
        path: '/api/v1/statuses/:id',
        does: ['remove'],
        run(call, account) {
          const post = ownPost(world, call, account);
          if ('status' in post) return post;
          const body = { ...statusOf(world, post, call.base), text: post.text };
          world.remove(post);
          return json(200, body);
        },
      },
      {
        method: 'GET',
        path: '/api/v1/notifications',
        does: ['poll'],
        run(call, account) {
          const types = call.query.getAll('types[]');
          const heard = world
            .posts('mastodon')
            .filter((post) => post.byCustomer && post.account === account.id && world.shows(post))
            .filter(() => types.length === 0 || types.includes('mention'));
          return page(
            call,
            heard,
            (post) => String(post.raw['notification']),
            40,
            (post) => notificationOf(world, post, call.base),
          );
        },
      },
    ];

    return {
      credentials(seed, base) {
        const software = seed.options['software'] === 'gotosocial' ? SOFTWARE.gotosocial : SOFTWARE.mastodon;
        const instance = software.name === 'mastodon' ? base : `${base}/~${seed.handle}`;
        return {
          base: instance,
          settings: { instance },
          secrets: { accessToken: seed.word('accessToken', 43) },
        };
      },

      authenticate(call) {
        const account = world.accountBySecret('mastodon', 'accessToken', bearer(call));
        return account ?? json(401, { error: softwareOf(call.site).unauthorized });
      },

      refusal(code, retryAfter) {
        const words =
          code === 429 ? 'Too many requests' : code === 404 ? 'Record not found' : (ERRORS[code] ?? 'Error');
        return json(
          code,
          { error: words },
          retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
        );
      },
      expired: () => json(401, { error: 'The access token expired' }),
      profiles: (account) => [`/users/${account.handle}`],

      meter(call, account, route) {
        const window = route.method === 'DELETE' ? deletes : calls;
        const { refused, remaining, resetAt } = window.take(account.id, call.now);
        return {
          refused,
          headers: {
            'X-RateLimit-Limit': String(window.limit),
            'X-RateLimit-Remaining': String(remaining),
            'X-RateLimit-Reset': new Date(resetAt).toISOString(),
          },
        };
      },

      hear(account, said, base) {
        const software = softwareOf(account);
        const id = ids(said.at, software);
        return world.keep({
          network: 'mastodon',
          account: account.id,
          byCustomer: true,
          author: said.author,
          id,
          text: said.text,
          at: said.at,
          parent: said.inReplyTo,
          raw: { notification: ids(said.at, software), visibility: 'public', language: 'en' },
          ...places(base, said.author.handle, id),
        });
      },

      openRoutes: [
        {
          method: 'GET',
          path: '/api/v2/instance',
          does: ['verify'],
          about: (call) => world.accountBySecret('mastodon', 'accessToken', bearer(call)) ?? call.site,
          run: (call) => json(200, instanceOf(softwareOf(call.site), call.base)),
        },
        {
          method: 'GET',
          path: '/api/v1/statuses/:id',
          does: ['read'],
          about: (call) => world.accountBySecret('mastodon', 'accessToken', bearer(call)) ?? call.site,
          run(call) {
            const post = world.shown('mastodon', call.params['id'] ?? '');
            if (post === undefined) return json(404, { error: softwareOf(call.site).notFound });
            return json(200, statusOf(world, post, call.base));
          },
        },
        {
          method: 'GET',
          path: '/api/v1/statuses/:id/context',
          does: ['read'],
          run(call) {
            const post = world.shown('mastodon', call.params['id'] ?? '');
            if (post === undefined) return json(404, { error: softwareOf(call.site).notFound });
            const { above, below } = around(world, post);
            return json(200, {
              ancestors: above.map((one) => statusOf(world, one, call.base)),
              descendants: below.map((one) => statusOf(world, one, call.base)),
            });
          },
        },
        {
          method: 'GET',
          path: '/api/v1/accounts/:id/statuses',
          does: ['find'],
          about: (call) => world.account('mastodon', call.params['id'] ?? ''),
          run(call) {
            const account = world.account('mastodon', call.params['id'] ?? '');
            if (account === undefined) return json(404, { error: 'Record not found' });
            const noReplies = call.query.get('exclude_replies') === 'true';
            const own = world
              .posts('mastodon')
              .filter((post) => post.author.id === account.id && world.shows(post))
              .filter((post) => !noReplies || post.parent === null);
            return page(
              call,
              own,
              (post) => post.id,
              20,
              (post) => statusOf(world, post, call.base),
            );
          },
        },
        {
          method: 'GET',
          path: '/api/v1/accounts/:id',
          does: ['read'],
          run(call) {
            const account = world.account('mastodon', call.params['id'] ?? '');
            return account === undefined
              ? json(404, { error: 'Record not found' })
              : json(200, personOf(world, account, call.base));
          },
        },
      ],
      routes,
    };
  },
};

const ERRORS: Record<number, string> = {
  403: 'This action is not allowed',
  500: 'There was an internal error',
  503: 'There was a temporary problem serving your request, please try again',
};

function softwareOf(account: Account | undefined): Software {
  return account?.options['software'] === 'gotosocial' ? SOFTWARE.gotosocial : SOFTWARE.mastodon;
}

/** What a client asks to publish, or the server's complaint about it. */
function readStatus(call: Call, software: Software): { text: string; raw: Record<string, unknown> } | Answer {
  const text = (textField(call.body, 'status') ?? '').replaceAll('\r\n', '\n').trim();
  const spoiler = textField(call.body, 'spoiler_text') ?? '';
  if (text === '') return refuse(software.refuses.blank);
  const length = countedLength(text, software) + countedLength(spoiler, software);
  if (length > software.maxCharacters) return refuse(software.refuses.long(length));
  return {
    text,
    raw: {
      spoiler,
      visibility: textField(call.body, 'visibility') ?? 'public',
      language: textField(call.body, 'language') ?? 'en',
    },
  };
}

function refuse([status, error]: [number, string]): Answer {
  return json(status, { error });
}

function ownPost(world: World, call: Call, account: Account): Post | Answer {
  const post = world.post('mastodon', call.params['id'] ?? '');
  if (post === undefined || post.deletedAt !== null || post.author.id !== account.id) {
    return json(404, { error: softwareOf(account).notFound });
  }
  return post;
}

function around(world: World, post: Post): { above: Post[]; below: Post[] } {
  const above: Post[] = [];
  for (let up = post.parent; up !== null; ) {
    const parent = world.shown('mastodon', up);
    if (parent === undefined) break;
    above.unshift(parent);
    up = parent.parent;
  }
  const below: Post[] = [];
  const inThread = new Set([post.id]);
  for (const one of world.posts('mastodon')) {
    if (one.parent === null || !inThread.has(one.parent) || !world.shows(one)) continue;
    inThread.add(one.id);
    below.push(one);
  }
  return { above, below };
}

function places(base: string, handle: string, id: string): Pick<Post, 'url' | 'paths'> {
  return { url: `${base}/@${handle}/${id}`, paths: [`/@${handle}/${id}`, `/users/${handle}/statuses/${id}`] };
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Mastodon: milliseconds and a 16-bit sequence. GoToSocial: ULIDs. Both sort by time. */
function idMaker(): (at: number, software: Software) => string {
  let last = 0n;
  return (at, software) => {
    const fresh = BigInt(at) << 16n;
    last = fresh > last ? fresh : last + 1n;
    if (software.name === 'mastodon') return last.toString();
    let rest = last << 64n;
    let ulid = '';
    for (let n = 0; n < 26; n++) {
      ulid = CROCKFORD[Number(rest & 31n)] + ulid;
      rest >>= 5n;
    }
    return ulid;
  };
}

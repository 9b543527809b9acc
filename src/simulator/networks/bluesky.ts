import type { Account } from '../facts.ts';
import { type Answer, type Call, json, type NetworkKind, textField } from '../network.ts';
import { BASE32 } from '../random.ts';
import { RateWindow } from '../rates.ts';
import { cidOf, cidOfBytes } from './bluesky-records.ts';
import {
  commitOf,
  complaintAboutTarget,
  didOf,
  hearPost,
  invalid,
  invalidSwap,
  keepRecord,
  listRecords,
  POST,
  readWrite,
  uriOf,
} from './bluesky-repo.ts';
import { EXPIRED_TOKEN, openSessions } from './bluesky-sessions.ts';
import { feed, notifications, viewOf } from './bluesky-views.ts';

/** https://docs.bsky.app/docs/advanced-guides/rate-limits: points an hour, and what a write costs. */
const POINTS = 5000;
const COST: Record<string, number> = { createRecord: 3, putRecord: 2, deleteRecord: 1 };

/** Bluesky: one personal data server with its app view, as the reference server (0.4) behaves on the wire. */
export const bluesky: NetworkKind = {
  kind: 'bluesky',
  name: 'Bluesky',
  handle: 'northwindpay.test',
  open(world) {
    const sessions = openSessions(world);
    const points = new RateWindow(POINTS, 3_600_000);

    const write = (call: Call, account: Account, create: boolean): Answer => {
      const wanted = readWrite(world, call, account, create);
      if ('status' in wanted) return wanted;
      const { rkey, record } = wanted;
      const uri = `at://${account.id}/${POST}/${rkey}`;
      const cid = cidOf(record);
      const there = world.post('bluesky', uri);
      const current = there !== undefined && there.deletedAt === null ? there : undefined;
      if (current !== undefined && create) {
        // The reference server throws inside its tree here and tells the client nothing.
        return json(500, { error: 'InternalServerError', message: 'Internal Server Error' });
      }
      if (current?.raw['cid'] === cid) {
        current.receipts += 1;
        return json(200, { uri, cid, validationStatus: 'valid' });
      }
      const swap = call.body['swapRecord'];
      if (swap !== undefined && swap !== (current?.raw['cid'] ?? null)) {
        return invalidSwap(current === undefined ? 'null' : String(current.raw['cid']));
      }
      if (current !== undefined) {
        current.raw = { ...current.raw, cid, record };
        world.edit(current, String(record['text']));
      } else {
        const author = { id: account.id, handle: account.handle, name: account.name };
        keepRecord(world, {
          account,
          author,
          byCustomer: false,
          base: call.base,
          rkey,
          record,
          now: call.now,
        });
      }
      return json(200, { uri, cid, commit: commitOf(cid, call.now), validationStatus: 'valid' });
    };

    return {
      credentials: (seed, base) => ({
        id: seed.id ?? `did:plc:${seed.word('did', 24, BASE32)}`,
        settings: { service: base, identifier: seed.handle },
        secrets: {
          password: [1, 2, 3, 4].map((n) => seed.word(`password ${n}`, 4, BASE32)).join('-'),
        },
      }),

      authenticate: sessions.holder,

      refusal(code, retryAfter, now) {
        const [error, message] = ERRORS[code] ?? ['InternalServerError', 'Internal Server Error'];
        const reset = String(Math.ceil(now / 1000) + (retryAfter ?? 300));
        const limited = {
          'ratelimit-limit': '5000',
          'ratelimit-remaining': '0',
          'ratelimit-reset': reset,
          'ratelimit-policy': '5000;w=3600',
        };
        const headers =
          code === 429 ? limited : retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
        return json(code, { error, message }, headers);
      },
      expired: () => EXPIRED_TOKEN,
      profiles: (account) => [`/profile/${account.handle}`, `/profile/${account.id}`],

      meter(call, account, route) {
        const cost = COST[route.path.split('.').at(-1) ?? ''];
        if (cost === undefined) return { headers: {}, refused: false };
        const { refused, remaining, resetAt } = points.take(account.id, call.now, cost);
        return {
          refused,
          headers: {
            'ratelimit-limit': String(POINTS),
            'ratelimit-remaining': String(remaining),
            'ratelimit-reset': String(Math.ceil(resetAt / 1000)),
            'ratelimit-policy': `${POINTS};w=3600`,
          },
        };
      },

      hear: (account, said, base) => hearPost(world, account, said, base),

      openRoutes: [
        {
          method: 'POST',
          path: '/xrpc/com.atproto.server.createSession',
          does: ['session'],
          about: sessions.about,
          run: sessions.create,
        },
        {
          method: 'POST',
          path: '/xrpc/com.atproto.server.refreshSession',
          does: ['session'],
          about: sessions.about,
          run: sessions.refresh,
        },
        {
          method: 'POST',
          path: '/xrpc/com.atproto.server.deleteSession',
          does: ['session'],
          about: sessions.about,
          run: sessions.remove,
        },
        {
          method: 'GET',
          path: '/xrpc/com.atproto.server.describeServer',
          does: ['verify'],
          run: () =>
            json(200, {
              did: 'did:web:127.0.0.1',
              availableUserDomains: ['.test'],
              inviteCodeRequired: true,
              links: {},
              contact: {},
            }),
        },
        {
          method: 'GET',
          path: '/xrpc/com.atproto.identity.resolveHandle',
          does: ['verify'],
          run(call) {
            const did = didOf(world, call.query.get('handle') ?? '');
            return did === undefined ? invalid('Unable to resolve handle') : json(200, { did });
          },
        },
        {
          method: 'GET',
          path: '/xrpc/com.atproto.repo.getRecord',
          does: ['read', 'find'],
          about: (call) => world.account('bluesky', call.query.get('repo') ?? ''),
          run(call) {
            const uri = uriOf(world, call.query);
            const post = world.shown('bluesky', uri);
            const cid = call.query.get('cid');
            if (post === undefined || (cid !== null && cid !== post.raw['cid'])) {
              return json(400, { error: 'RecordNotFound', message: `Could not locate record: ${uri}` });
            }
            return json(200, { uri: post.id, cid: post.raw['cid'], value: post.raw['record'] });
          },
        },
        {
          method: 'GET',
          path: '/xrpc/com.atproto.repo.listRecords',
          does: ['find'],
          about: (call) => world.account('bluesky', call.query.get('repo') ?? ''),
          run: (call) => listRecords(world, call),
        },
      ],

      routes: [
        {
          method: 'GET',
          path: '/xrpc/com.atproto.server.getSession',
          does: ['verify'],
          run: (_call, account) => sessions.current(account),
        },
        {
          method: 'POST',
          path: '/xrpc/com.atproto.repo.putRecord',
          does: ['publish'],
          run: (call, account) => write(call, account, false),
        },
        {
          method: 'POST',
          path: '/xrpc/com.atproto.repo.createRecord',
          does: ['publish'],
          run: (call, account) => write(call, account, true),
        },
        {
          method: 'POST',
          path: '/xrpc/com.atproto.repo.deleteRecord',
          does: ['remove'],
          run(call, account) {
            const bad = complaintAboutTarget(world, call, account);
            if (bad !== undefined) return bad;
            const post = world.post(
              'bluesky',
              `at://${account.id}/${POST}/${textField(call.body, 'rkey') ?? ''}`,
            );
            // Gone already is as good as gone now.
            if (post === undefined || post.deletedAt !== null) return json(200, {});
            const swap = call.body['swapRecord'];
            if (swap !== undefined && swap !== post.raw['cid']) return invalidSwap(String(post.raw['cid']));
            world.remove(post);
            return json(200, { commit: commitOf(String(post.raw['cid']), call.now) });
          },
        },
        {
          method: 'POST',
          path: '/xrpc/com.atproto.repo.uploadBlob',
          does: ['prepare'],
          run(call) {
            const mimeType = call.headers['content-type'] ?? 'application/octet-stream';
            const { name } = world.keepPicture('', mimeType, call.raw, cidOfBytes(call.raw));
            return json(200, {
              blob: { $type: 'blob', ref: { $link: name }, mimeType, size: call.raw.length },
            });
          },
        },
        {
          method: 'GET',
          path: '/xrpc/app.bsky.feed.getAuthorFeed',
          does: ['find'],
          run: (call) => feed(world, call),
        },
        {
          method: 'GET',
          path: '/xrpc/app.bsky.feed.getPosts',
          does: ['read'],
          run(call) {
            const uris = call.query.getAll('uris');
            if (uris.length === 0 || uris.length > 25) {
              return invalid('Error: Params must have the property "uris"');
            }
            const posts = uris.flatMap((uri) => world.shown('bluesky', uri) ?? []);
            return json(200, { posts: posts.map((post) => viewOf(world, post)) });
          },
        },
        {
          method: 'GET',
          path: '/xrpc/app.bsky.notification.listNotifications',
          does: ['poll'],
          run: (call, account) => notifications(world, call, account),
        },
        {
          method: 'GET',
          path: '/xrpc/app.bsky.actor.getProfile',
          does: ['verify'],
          run(call) {
            const who = world.account('bluesky', call.query.get('actor') ?? '');
            return who === undefined
              ? invalid('Profile not found')
              : json(200, { did: who.id, handle: who.handle, displayName: who.name, labels: [] });
          },
        },
      ],
    };
  },
};

const ERRORS: Record<number, [error: string, message: string]> = {
  400: ['InvalidRequest', 'Bad Request'],
  401: ['AuthenticationRequired', 'Authentication Required'],
  403: ['Forbidden', 'Forbidden'],
  404: ['XRPCNotSupported', 'XRPCNotSupported'],
  429: ['RateLimitExceeded', 'Rate Limit Exceeded'],
  502: ['UpstreamFailure', 'Upstream Failure'],
  503: ['NotEnoughResources', 'Not Enough Resources'],
  504: ['UpstreamTimeout', 'Upstream Timeout'],
};

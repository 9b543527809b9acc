import type { Account } from '../facts.ts';
import { type Answer, bearer, type Call, json, type NetworkKind, type Route, textField } from '../network.ts';
import { fileIn, type Picture } from '../pictures.ts';
import { RateWindow } from '../rates.ts';
import { instanceOf, notificationOf, page, personOf, selfOf, statusOf } from './mastodon-entities.ts';
import { mastodonSignIn } from './mastodon-sign-in.ts';
import { idMaker, ownPost, places, readStatus, softwareOf } from './mastodon-statuses.ts';
import { SOFTWARE } from './mastodon-text.ts';

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
    const uploads = new Map<string, Picture>();
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
      const parent = parentId === null ? undefined : world.post('mastodon', parentId);
      if (parentId !== null && (parent === undefined || parent.deletedAt !== null)) {
        return json(404, {
          error:
            software.name === 'mastodon'
              ? 'The post you are trying to reply to does not appear to exist.'
              : software.notFound,
        });
      }
      const named = Array.isArray(call.body['media_ids']) ? call.body['media_ids'].map(String) : [];
      if (named.some((one) => !uploads.has(one)))
        return json(422, { error: 'Validation failed: Media attachments not found' });
      const media = named.flatMap((one) => uploads.get(one) ?? []);
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
        raw: { ...wanted.raw, ...(media.length === 0 ? {} : { media, mediaIds: named }) },
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
      {
        method: 'POST',
        path: '/api/v2/media',
        does: ['prepare'],
        run(call, account) {
          const file = fileIn(call.body, 'file');
          if (file === undefined || !(file.mime ?? '').startsWith('image/'))
            return json(422, { error: 'Validation failed: File content type is invalid' });
          const id = ids(call.now, softwareOf(account));
          const alt = textField(call.body, 'description') ?? '';
          uploads.set(id, world.keepPicture(alt, file.mime ?? '', file.bytes));
          return json(200, { id, type: 'image', url: `${call.base}/media/${id}`, description: alt });
        },
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
          const kept = Array.isArray(call.body['media_ids']) ? call.body['media_ids'].map(String) : [];
          if (post.raw['media'] !== undefined)
            post.raw['media'] = kept.flatMap((one) => uploads.get(one) ?? []);
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

      before(call) {
        const nameless = (call.headers['user-agent'] ?? '') === '';
        return nameless && softwareOf(call.site).name === 'gotosocial'
          ? json(418, { error: "I'm a teapot: no user-agent sent with request" })
          : undefined;
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
        ...mastodonSignIn(world),
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
            return json(200, {
              ancestors: world.above(post).map((one) => statusOf(world, one, call.base)),
              descendants: world.below(post).map((one) => statusOf(world, one, call.base)),
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

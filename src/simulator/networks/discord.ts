import type { Account, Post } from '../facts.ts';
import {
  type Answer,
  type Call,
  json,
  type NetworkKind,
  objectField,
  type Route,
  textField,
} from '../network.ts';
import { seededWord } from '../random.ts';
import { RateWindow } from '../rates.ts';
import { signInRoutes } from '../sign-in.ts';
import {
  invalid,
  messageOf,
  placeOf,
  places,
  readContent,
  refusal,
  snowflakes,
  unknownMessage,
  unpacked,
} from './discord-messages.ts';

/** "checked for uniqueness in the past few minutes"; nobody says how many, and two is on the strict side. */
const NONCE_MS = 2 * 60_000;
const UNAUTHORIZED = json(401, { message: '401: Unauthorized', code: 0 });

/** Discord's REST API v10 for bots, by its OpenAPI description and https://discord.com/developers/docs. */
export const discord: NetworkKind = {
  kind: 'discord',
  name: 'Discord',
  handle: 'northwindpay',
  open(world) {
    const nextId = snowflakes();
    const bucket = new RateWindow(5, 5_000);
    const waits = new WeakMap<Call, number>();

    const publish = (sent: Call, account: Account): Answer => {
      const { call, media } = unpacked(world, sent);
      const nonce = textField(call.body, 'nonce') ?? null;
      if ((nonce ?? '').length > 25) return invalid('nonce', 'NONCE_TYPE_TOO_LONG', 'Must be 25 or fewer.');
      const wanted = readContent(call);
      if ('status' in wanted) return wanted;
      const again = world
        .posts('discord')
        .find(
          (post) =>
            nonce !== null &&
            post.key === nonce &&
            post.author.id === account.id &&
            call.now - post.at < NONCE_MS,
        );
      if (again !== undefined && call.body['enforce_nonce'] === true) {
        again.receipts += 1;
        return json(200, messageOf(world, account, again));
      }
      const reference = objectField(call.body, 'message_reference');
      const parentId = textField(reference, 'message_id') ?? null;
      const parent = parentId === null ? undefined : world.post('discord', parentId);
      const isThere = parent !== undefined && parent.deletedAt === null;
      if (parentId !== null && !isThere && reference['fail_if_not_exists'] !== false) {
        return invalid('message_reference', 'REPLIES_UNKNOWN_MESSAGE', 'Unknown message');
      }
      const id = nextId(call.now);
      const post = world.keep({
        network: 'discord',
        account: account.id,
        author: { id: account.id, handle: account.handle, name: account.name },
        id,
        key: nonce,
        text: wanted.text,
        at: call.now,
        parent: isThere ? parentId : null,
        raw: {
          pings: wanted.pings,
          flags: call.body['flags'] ?? 0,
          ...(media.length === 0 ? {} : { media }),
        },
        ...places(world, account, call.base, id),
      });
      return json(200, messageOf(world, account, post));
    };

    /** The newest first; `after` gives the next ones after an id, `before` the ones before it. */
    const list = (call: Call, account: Account): Answer => {
      const limit = Number(call.query.get('limit') ?? 50);
      if (!(limit >= 1 && limit <= 100)) {
        return invalid('limit', 'NUMBER_TYPE_MAX', 'int value should be less than or equal to 100.');
      }
      const after = BigInt(call.query.get('after') ?? 0);
      const before = call.query.get('before');
      const shown = world
        .posts('discord')
        .filter((post) => post.account === account.id && world.shows(post))
        .filter((post) => BigInt(post.id) > after)
        .filter((post) => before === null || BigInt(post.id) < BigInt(before))
        .sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
      const page = call.query.has('after') ? shown.slice(0, limit) : shown.slice(-limit);
      return json(
        200,
        page.toReversed().map((post) => messageOf(world, account, post)),
      );
    };

    const own = (call: Call, account: Account): Post | undefined => {
      const post = world.shown('discord', call.params['message'] ?? '');
      return post?.account === account.id ? post : undefined;
    };

    /** In this account's channel, and within the bucket. */
    const route = (
      method: Route['method'],
      path: string,
      does: Route['does'],
      run: (call: Call, account: Account) => Answer,
    ): Route => ({
      method,
      path: `/api/v10/channels/:channel${path}`,
      does,
      run(call, account) {
        if (call.params['channel'] !== placeOf(world, account).channel) return refusal(404, undefined);
        const wait = waits.get(call);
        return wait === undefined ? run(call, account) : refusal(429, wait / 1000);
      },
    });

    return {
      credentials(seed, base) {
        const id = `92${seed.word('id', 16, '0123456789')}`;
        const account = { network: 'discord', handle: seed.handle } as Account;
        return {
          id: seed.id ?? id,
          settings: { channel: placeOf(world, account).channel, api: base },
          secrets: {
            botToken: `MTk4${seed.word('bot', 22)}.${seed.word('time', 6)}.${seed.word('mac', 38)}`,
          },
        };
      },

      authenticate(call) {
        const token = /^Bot (\S+)$/.exec(call.headers.authorization ?? '')?.[1] ?? '';
        return world.accountBySecret('discord', 'botToken', token) ?? UNAUTHORIZED;
      },
      refusal,
      expired: () => UNAUTHORIZED,

      meter(call, account, { method, path }) {
        if (method !== 'POST') return { headers: {}, refused: false };
        const { refused, remaining, resetAt } = bucket.take(`${account.id} ${path}`, call.now);
        if (refused && world.metered(account)) waits.set(call, resetAt - call.now);
        return {
          refused: false,
          headers: {
            'x-ratelimit-limit': String(bucket.limit),
            'x-ratelimit-remaining': String(remaining),
            'x-ratelimit-reset': (resetAt / 1000).toFixed(3),
            'x-ratelimit-reset-after': ((resetAt - call.now) / 1000).toFixed(3),
            'x-ratelimit-bucket': 'abcd1234',
          },
        };
      },

      hear(account, said, base) {
        const id = nextId(said.at);
        return world.keep({
          network: 'discord',
          account: account.id,
          byCustomer: true,
          author: said.author,
          id,
          text: said.text,
          at: said.at,
          parent: said.inReplyTo,
          ...places(world, account, base, id),
        });
      },

      openRoutes: signInRoutes(world, {
        network: 'discord',
        authorize: '/oauth2/authorize',
        token: '/api/v10/oauth2/token',
        scopeSeparator: ' ',
        codeMs: 10 * 60_000,
        issue: ({ account, scopes }, call) =>
          json(200, {
            access_token: seededWord(world.seed, `discord person ${call.now}`, 30),
            token_type: 'Bearer',
            expires_in: 604_800,
            scope: scopes.join(' '),
            guild: { id: placeOf(world, account).guild, name: account.name },
          }),
      }),
      routes: [
        {
          method: 'GET',
          path: '/api/v10/guilds/:guild/channels',
          does: ['session'],
          run(call, account) {
            const { guild, channel } = placeOf(world, account);
            if (call.params['guild'] !== guild) return refusal(404, undefined);
            return json(200, [
              { id: '900000000000000001', type: 4, name: 'Text channels' },
              { id: channel, type: account.options['type'] ?? 0, name: 'status' },
              { id: '900000000000000002', type: 2, name: 'Voice' },
            ]);
          },
        },
        {
          method: 'GET',
          path: '/api/v10/users/@me',
          does: ['verify'],
          run: (_call, account) =>
            json(200, { id: account.id, username: account.handle, discriminator: '0', bot: true }),
        },
        route('GET', '', ['verify'], (_call, account) => {
          const { guild, channel } = placeOf(world, account);
          const type = account.options['type'] ?? 0;
          return json(200, { id: channel, type, guild_id: guild, name: 'status', position: 0, nsfw: false });
        }),
        route('POST', '/messages', ['publish'], publish),
        route('GET', '/messages', ['find', 'poll'], list),
        route('GET', '/messages/:message', ['read'], (call, account) => {
          const post = own(call, account);
          return post === undefined ? unknownMessage() : json(200, messageOf(world, account, post));
        }),
        route('PATCH', '/messages/:message', ['edit'], (sent, account) => {
          const { call, media } = unpacked(world, sent);
          const post = own(call, account);
          if (post === undefined) return unknownMessage();
          if (post.byCustomer)
            return json(403, { message: 'Cannot edit a message authored by another user', code: 50005 });
          const wanted = readContent(call);
          if ('status' in wanted) return wanted;
          // Without a list the attachments stay; with one they are what it names.
          if (call.body['attachments'] !== undefined) post.raw['media'] = media;
          world.edit(post, wanted.text);
          return json(200, messageOf(world, account, post));
        }),
        route('POST', '/messages/:message/crosspost', ['edit'], (call, account) => {
          const post = own(call, account);
          if (post === undefined) return unknownMessage();
          if (account.options['type'] !== 5)
            return json(400, { message: 'Cannot execute action on this channel type', code: 50024 });
          if ((Number(post.raw['flags']) & 1) !== 0)
            return json(400, { message: 'This message has already been crossposted.', code: 40033 });
          post.raw['flags'] = Number(post.raw['flags']) | 1;
          return json(200, messageOf(world, account, post));
        }),
        route('DELETE', '/messages/:message', ['remove'], (call, account) => {
          const post = own(call, account);
          if (post === undefined) return unknownMessage();
          world.remove(post);
          return { status: 204 };
        }),
      ],
    };
  },
};

import type { Post } from '../facts.ts';
import { type Answer, type Call, json, type NetworkKind, type Route } from '../network.ts';
import { ALPHANUMERIC, DIGITS } from '../random.ts';
import { RateWindow } from '../rates.ts';
import {
  messageOf,
  placeOf,
  places,
  readContent,
  refusal,
  snowflakes,
  unknownMessage,
  unpacked,
} from './discord-messages.ts';

const UNKNOWN = json(404, { message: 'Unknown Webhook', code: 10015 });

/** Discord's incoming webhooks: https://discord.com/developers/docs/resources/webhook */
export const discordWebhook: NetworkKind = {
  kind: 'discord_webhook',
  name: 'Discord webhook',
  handle: 'northwindpay',
  open(world) {
    const nextId = snowflakes();
    const bucket = new RateWindow(5, 5_000);

    const own = (call: Call): Post | undefined =>
      world.shown('discord_webhook', call.params['message'] ?? '');
    const route = (method: Route['method'], path: string, does: Route['does'], run: Route['run']): Route => ({
      method,
      path: `/api/webhooks/:hook/:token${path}`,
      does,
      run,
    });

    return {
      credentials(seed, base) {
        const id = seed.id ?? `93${seed.word('id', 16, DIGITS)}`;
        const token = seed.word('token', 68, `${ALPHANUMERIC}_-`);
        return { id, settings: {}, secrets: { url: `${base}/api/webhooks/${id}/${token}` } };
      },

      authenticate(call) {
        const account = world.account('discord_webhook', call.params['hook'] ?? '');
        if (account === undefined || account.options['deleted'] === true) return UNKNOWN;
        const isRight = account.secrets['url']?.endsWith(`/${call.params['token']}`) === true;
        return isRight ? account : json(401, { message: 'Invalid Webhook Token', code: 50027 });
      },
      refusal: (code, retryAfter) => (code === 404 ? UNKNOWN : refusal(code, retryAfter)),
      expired: () => UNKNOWN,

      routes: [
        route('GET', '', ['verify'], (_call, account) => {
          const { guild, channel } = placeOf(world, account);
          return json(200, {
            application_id: null,
            avatar: null,
            channel_id: channel,
            guild_id: guild,
            id: account.id,
            name: account.name,
            type: 1,
            token: account.secrets['url']?.split('/').at(-1),
            url: account.secrets['url'],
          });
        }),
        route('POST', '', ['publish'], (sent, account): Answer => {
          const { call, media } = unpacked(world, sent);
          const wanted = readContent(call);
          if ('status' in wanted) return wanted;
          const window = bucket.take(account.id, call.now);
          if (window.refused && world.metered(account)) {
            return refusal(429, (window.resetAt - call.now) / 1000);
          }
          const id = nextId(call.now);
          const post = world.keep({
            network: 'discord_webhook',
            account: account.id,
            author: { id: account.id, handle: account.handle, name: account.name },
            id,
            text: wanted.text,
            at: call.now,
            raw: {
              pings: wanted.pings,
              flags: call.body['flags'] ?? 0,
              thread: call.query.get('thread_id'),
              ...(media.length === 0 ? {} : { media }),
            },
            ...places(world, account, call.base, id),
          });
          return call.query.get('wait') === 'true'
            ? json(200, { ...messageOf(world, account, post), webhook_id: account.id })
            : { status: 204 };
        }),
        route('GET', '/messages/:message', ['read'], (call, account) => {
          const post = own(call);
          return post === undefined ? unknownMessage() : json(200, messageOf(world, account, post));
        }),
        route('PATCH', '/messages/:message', ['edit'], (sent, account) => {
          const { call, media } = unpacked(world, sent);
          const post = own(call);
          if (post === undefined) return unknownMessage();
          const wanted = readContent(call);
          if ('status' in wanted) return wanted;
          // Without a list the attachments stay; with one they are what it names.
          if (call.body['attachments'] !== undefined) post.raw['media'] = media;
          world.edit(post, wanted.text);
          return json(200, messageOf(world, account, post));
        }),
        route('DELETE', '/messages/:message', ['remove'], (call) => {
          const post = own(call);
          if (post === undefined) return unknownMessage();
          world.remove(post);
          return { status: 204 };
        }),
      ],
    };
  },
};

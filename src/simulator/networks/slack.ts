import type { Account, Post } from '../facts.ts';
import {
  type Answer,
  bearer,
  type Call,
  json,
  type NetworkKind,
  objectField,
  type Route,
  textField,
} from '../network.ts';
import { ALPHANUMERIC, DIGITS } from '../random.ts';
import { RateWindow } from '../rates.ts';
import { signInRoutes } from '../sign-in.ts';
import { messageOf, placeOf, readContent, threadOf, timestamps, within } from './slack-messages.ts';

const MAX_UPDATE_BYTES = 4000;

/**
 * Slack's Web API (https://docs.slack.dev/reference/methods): it says no with status 200 and `ok: false`. The account is
 * the bot's user; its handle is how people mention it.
 */
export const slack: NetworkKind = {
  kind: 'slack',
  name: 'Slack',
  handle: 'northwindpay',
  open(world) {
    const nextTs = timestamps();
    // "no more than one message per second per channel, whilst allowing short bursts"
    const perChannel = new RateWindow(4, 4_000);

    const channelIn = (call: Call, account: Account): Answer | undefined => {
      const named = call.query.get('channel') ?? textField(call.body, 'channel');
      return named === placeOf(world, account).channel ? undefined : no('channel_not_found');
    };
    const method = (
      name: string,
      does: Route['does'],
      run: (call: Call, account: Account) => Answer,
      verb: 'GET' | 'POST' = 'GET',
    ): Route => ({ method: verb, path: `/api/${name}`, does, run: run });
    const inChannel = (
      name: string,
      does: Route['does'],
      run: (call: Call, account: Account) => Answer,
      verb: 'GET' | 'POST' = 'GET',
    ): Route => method(name, does, (call, account) => channelIn(call, account) ?? run(call, account), verb);

    const publish = (call: Call, account: Account): Answer => {
      const wanted = readContent(call, 1e6);
      if ('error' in wanted) return no(wanted.error);
      const thread = textField(call.body, 'thread_ts') ?? null;
      const above = thread === null ? undefined : world.post('slack', thread);
      if (thread !== null && above === undefined) return no('cannot_reply_to_message');
      const window = perChannel.take(account.id, call.now);
      if (window.refused && world.metered(account)) {
        return refusal(429, Math.ceil((window.resetAt - call.now) / 1000));
      }
      const { channel } = placeOf(world, account);
      const ts = nextTs(call.now);
      const metadata = objectField(call.body, 'metadata');
      const post = world.keep({
        network: 'slack',
        account: account.id,
        author: { id: account.id, handle: account.handle, name: account.name },
        id: ts,
        text: wanted.text,
        at: call.now,
        // Threads have one level: an answer to an answer hangs below the first message too.
        parent: above?.parent ?? thread,
        raw: {
          wire: wanted.wire,
          pings: wanted.pings,
          ...(metadata['event_type'] === undefined ? {} : { metadata }),
        },
        ...places(call.base, channel, ts),
      });
      return json(200, { ok: true, channel, ts, message: messageOf(world, account, post, true) });
    };

    const own = (call: Call): Post | undefined => {
      const post = world.post('slack', textField(call.body, 'ts') ?? '');
      return post === undefined || post.deletedAt !== null ? undefined : post;
    };

    /** One page of a list, with a cursor to the next. */
    const page = (call: Call, account: Account, posts: readonly Post[]): Answer => {
      const limit = Number(call.query.get('limit') ?? 100);
      const from = Number(Buffer.from(call.query.get('cursor') ?? '', 'base64').toString() || 0);
      const all = ['true', '1'].includes(call.query.get('include_all_metadata') ?? '');
      const more = posts.length > from + limit;
      return json(200, {
        ok: true,
        messages: posts.slice(from, from + limit).map((post) => messageOf(world, account, post, all)),
        has_more: more,
        response_metadata: { next_cursor: more ? Buffer.from(String(from + limit)).toString('base64') : '' },
      });
    };

    return {
      credentials(seed, base) {
        const id = seed.id ?? `U${seed.word('id', 10, ALPHANUMERIC.slice(0, 26) + DIGITS)}`;
        const { channel } = placeOf(world, { network: 'slack', handle: seed.handle });
        return {
          id,
          settings: { channel, api: base },
          secrets: { botToken: `xoxb-${seed.word('team', 12, DIGITS)}-${seed.word('token', 24)}` },
          extra: { signingSecret: seed.word('signingSecret', 32, '0123456789abcdef') },
        };
      },

      authenticate: (call) => world.accountBySecret('slack', 'botToken', bearer(call)) ?? no('invalid_auth'),
      refusal,
      expired: () => no('token_revoked'),

      hear(account, said, base) {
        const ts = nextTs(said.at);
        const above = said.inReplyTo === null ? undefined : world.post('slack', said.inReplyTo);
        return world.keep({
          network: 'slack',
          account: account.id,
          byCustomer: true,
          author: said.author,
          id: ts,
          text: said.text,
          at: said.at,
          parent: above?.parent ?? said.inReplyTo,
          ...places(base, placeOf(world, account).channel, ts),
        });
      },

      openRoutes: signInRoutes(world, {
        network: 'slack',
        authorize: '/oauth/v2/authorize',
        token: '/api/oauth.v2.access',
        scopeSeparator: ',',
        codeMs: 10 * 60_000,
        issue: ({ account, scopes }) =>
          json(200, {
            ok: true,
            access_token: account.secrets['botToken'],
            token_type: 'bot',
            scope: scopes.join(','),
            bot_user_id: account.id,
            team: { id: placeOf(world, account).team, name: account.name },
          }),
      }),
      routes: [
        method('conversations.list', ['session'], (_call, account) =>
          json(200, {
            ok: true,
            channels: [
              { id: 'C0GENERAL99', name: 'general', is_member: false },
              {
                id: placeOf(world, account).channel,
                name: 'status',
                is_member: account.options['member'] !== false,
              },
            ],
            response_metadata: { next_cursor: '' },
          }),
        ),
        method('auth.test', ['verify'], (call, account) => {
          const { team, bot } = placeOf(world, account);
          return json(200, {
            ok: true,
            url: `${call.base}/`,
            team: account.name,
            team_id: team,
            user: account.handle,
            user_id: account.id,
            bot_id: bot,
          });
        }),
        inChannel('conversations.info', ['verify'], (_call, account) =>
          json(200, {
            ok: true,
            channel: {
              id: placeOf(world, account).channel,
              name: 'status',
              is_archived: account.options['archived'] === true,
              is_member: account.options['member'] !== false,
            },
          }),
        ),
        method('users.info', ['poll'], (call, account) => {
          const id = call.query.get('user') ?? '';
          const post = world.posts('slack').find((one) => one.byCustomer && `U${one.author.id}` === id);
          if (id === account.id) return json(200, { ok: true, user: { id, name: account.handle } });
          if (post === undefined) return no('user_not_found');
          const { handle, name } = post.author;
          return json(200, { ok: true, user: { id, name: handle, real_name: name, is_bot: false } });
        }),
        inChannel('chat.postMessage', ['publish'], publish, 'POST'),
        inChannel(
          'chat.update',
          ['edit'],
          (call, account) => {
            const post = own(call);
            if (post === undefined) return no('message_not_found');
            if (post.byCustomer) return no('cant_update_message');
            const wanted = readContent(call, MAX_UPDATE_BYTES);
            if ('error' in wanted) return no(wanted.error);
            world.edit(post, wanted.text);
            post.raw['wire'] = wanted.wire;
            return json(200, {
              ok: true,
              channel: placeOf(world, account).channel,
              ts: post.id,
              text: wanted.wire,
            });
          },
          'POST',
        ),
        inChannel(
          'chat.delete',
          ['remove'],
          (call, account) => {
            const post = own(call);
            if (post === undefined) return no('message_not_found');
            if (post.byCustomer) return no('cant_delete_message');
            world.remove(post);
            return json(200, { ok: true, channel: placeOf(world, account).channel, ts: post.id });
          },
          'POST',
        ),
        inChannel('chat.getPermalink', ['read'], (call, account) => {
          const post = world.shown('slack', call.query.get('message_ts') ?? '');
          if (post === undefined) return no('message_not_found');
          return json(200, { ok: true, channel: placeOf(world, account).channel, permalink: post.url });
        }),
        inChannel('conversations.history', ['find', 'poll'], (call, account) => {
          const shown = world
            .posts('slack')
            .filter((post) => post.account === account.id && post.parent === null)
            .filter((post) => world.shows(post) || threadOf(world, account, post.id).length > 0)
            .filter(within(call.query))
            .sort((a, b) => (a.id < b.id ? 1 : -1));
          return page(call, account, shown);
        }),
        inChannel('conversations.replies', ['read', 'find', 'poll'], (call, account) => {
          const named = world.post('slack', call.query.get('ts') ?? '');
          const root = named?.parent ? world.post('slack', named.parent) : named;
          const answers = root === undefined ? [] : threadOf(world, account, root.id);
          if (root === undefined || (!world.shows(root) && answers.length === 0))
            return no('thread_not_found');
          const shown = answers.filter((post) => world.shows(post)).filter(within(call.query));
          return page(call, account, [root, ...shown]);
        }),
      ],
    };
  },
};

function places(base: string, channel: string, ts: string): Pick<Post, 'url' | 'paths'> {
  const path = `/archives/${channel}/p${ts.replace('.', '')}`;
  return { url: `${base}${path}`, paths: [path] };
}

const no = (error: string, status = 200): Answer => json(status, { ok: false, error });

const NAMES: Record<number, string> = {
  400: 'invalid_arguments',
  401: 'invalid_auth',
  403: 'restricted_action',
  404: 'channel_not_found',
  422: 'invalid_blocks',
  429: 'ratelimited',
  503: 'service_unavailable',
};

function refusal(code: number, retryAfter: number | undefined): Answer {
  const answer = no(NAMES[code] ?? 'fatal_error', code);
  const seconds = retryAfter ?? (code === 429 ? 30 : undefined);
  if (seconds !== undefined) answer.headers = { 'retry-after': String(seconds) };
  return answer;
}

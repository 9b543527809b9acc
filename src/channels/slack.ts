import type { Abilities, Draft, Inbound, RemotePost } from '../domain/channel.ts';
import { rootOf } from './ask-json.ts';
import { askOnce } from './ask-once.ts';
import { recordOf, textOf, tooMany, unreadable } from './classify.ts';
import { type Channel, ChannelError, type ChannelKind, type ChannelTools } from './contract.ts';
import { earliest } from './look-back.ts';
import { pickOurs } from './same-words.ts';
import { slackSignIn } from './sign-in/slack.ts';
import { isGone, openSlackApi } from './slack-api.ts';
import { greetSlack, receiveEvent } from './slack-events.ts';
import { inboundOf, isAfter, linkTo, type SlackMessage, type Speaker, tsAt, walk } from './slack-history.ts';
import { contentOf, limits, NETWORK } from './slack-text.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const can: Abilities = {
  replies: true,
  edit: 'in_place',
  remove: true,
  // `client_msg_id` is not documented as a key, so we do not count on it.
  idempotent: 'none',
  find: true,
  read: true,
  inbound: 'both',
  altText: false,
  lagMs: 5_000,
  whenUnverifiable: 'hold',
  everyUpdate: false,
};

/** A channel in a Slack workspace, through an app with a bot token. */
export const slack: ChannelKind = {
  kind: 'slack',
  name: NETWORK,
  lifecycle: 'active',
  limits,
  can,
  template: 'long',
  cost: 'free',
  defaultRole: 'brand',
  checkedOn: '2026-11-21',
  promise:
    'Slack cannot recognise a repeated post, but each of ours carries a hidden mark. If the connection breaks while we send, we look for the mark before anything is sent again, and a post counts as delivered when we have read it back.',
  fields: [
    {
      name: 'channel',
      label: 'Channel ID',
      help: 'In Slack click the channel’s name; the ID is at the bottom of “About”.',
      secret: false,
      required: true,
      placeholder: 'C0123456789',
    },
    {
      name: 'botToken',
      label: 'Bot token',
      help: 'api.slack.com/apps, your app, “OAuth & Permissions”, “Bot User OAuth Token”.',
      secret: true,
      required: true,
      placeholder: 'xoxb-…',
    },
    {
      name: 'signingSecret',
      label: 'Signing secret',
      help: 'Same site, “Basic Information”. Only if Slack is to tell us at once what people say (Events API).',
      secret: true,
      required: false,
    },
    {
      name: 'api',
      label: 'Slack’s address',
      help: 'Leave empty for Slack itself. Only for a stand-in during drills.',
      secret: false,
      required: false,
      placeholder: 'https://slack.com',
    },
  ],
  steps: [
    'On api.slack.com/apps make an app for your workspace.',
    'Under “OAuth & Permissions” add the bot scopes chat:write, channels:read, channels:history and users:read (groups:… for a private channel).',
    'Install the app, copy the bot token, and write /invite and the app’s name in the channel.',
  ],
  hook: {
    steps: [
      'The signing secret has to be entered for this connection first.',
      'In your app on api.slack.com open “Event Subscriptions”, switch them on, and enter the address shown here as the request URL.',
      'Under “Subscribe to bot events” add app_mention and message.channels, and install the app again.',
    ],
    wantsToken: false,
  },
  signIn: slackSignIn,
  open: (values, tools) => openSlack(values, tools),
};

interface Place {
  user: string;
  name: string;
  team: string;
  /** The workspace's own address, without a slash at the end. */
  web: string;
}

function openSlack(values: Record<string, string>, tools: ChannelTools): Channel {
  const root = rootOf(values['api'], 'https://slack.com');
  const call = openSlackApi(root, (values['botToken'] ?? '').trim(), tools);
  const channel = (values['channel'] ?? '').trim();
  const speakers = new Map<string, Speaker>();

  const whereAmI = askOnce(look);
  let web: string | undefined;
  async function look(signal: AbortSignal): Promise<Place> {
    const answer = await call('auth.test', {}, { signal, safe: true });
    const user = textOf(answer['user_id']);
    const url = textOf(answer['url']);
    if (user === undefined || url === undefined) throw unreadable(NETWORK, 200, true);
    web = url.replace(/\/+$/, '');
    const name = textOf(answer['user']) ?? user;
    speakers.set(user, { handle: name, name: undefined });
    return { user, name, team: textOf(answer['team']) ?? '', web };
  }

  /** A name for a number; not knowing one is no reason to lose what was said. */
  async function speakerOf(user: string, signal: AbortSignal): Promise<Speaker> {
    const known = speakers.get(user);
    if (known !== undefined) return known;
    try {
      const about = recordOf((await call('users.info', { user }, { signal, safe: true }))['user']);
      const speaker = { handle: textOf(about['name']) ?? user, name: textOf(about['real_name']) };
      speakers.set(user, speaker);
      return speaker;
    } catch (error) {
      if (error instanceof ChannelError && (error.failure === 'rejected' || error.code === 'missing_scope'))
        return { handle: user, name: undefined };
      throw error;
    }
  }

  const threadOf = (post: RemotePost): string => tsOf(textOf(post.raw?.['thread']) ?? post.id);
  const above = (draft: Draft): string | undefined => {
    const post = draft.root ?? draft.inReplyTo;
    return post === undefined ? undefined : threadOf(post);
  };
  const postOf = (ts: string, thread: string | undefined, from: string): RemotePost => ({
    id: ts,
    url: linkTo(from, channel, ts, thread),
    raw: { channel, thread: thread ?? ts },
  });

  return {
    async verify(signal) {
      whereAmI.forget();
      const { name, team, web: from } = await whereAmI(signal);
      const answer = await call('conversations.info', { channel }, { signal, safe: true });
      const about = recordOf(answer['channel']);
      const title = `#${textOf(about['name']) ?? channel}`;
      if (about['is_archived'] === true)
        throw new ChannelError('rejected', `${title} is archived.`, { code: 'is_archived' });
      if (about['is_member'] === false)
        throw new ChannelError('auth', `The app is not in ${title}. Write /invite @${name} there.`, {
          code: 'not_in_channel',
        });
      return { account: `@${name} in ${title}, ${team}`, url: `${from}/archives/${channel}`, limits, can };
    },
    async publish(draft, key, signal) {
      const thread = above(draft);
      const body = {
        channel,
        ...contentOf(draft),
        metadata: { event_type: 'tocsin_delivery', event_payload: { delivery_id: key.id } },
        ...(thread === undefined ? {} : { thread_ts: thread }),
      };
      // Asked before, so that nothing that can fail stands between Slack's yes and our record of it.
      const { web: from } = await whereAmI(signal);
      const ts = textOf((await call('chat.postMessage', body, { signal, safe: false }))['ts']);
      if (ts === undefined) throw unreadable(NETWORK, 200);
      return postOf(ts, thread, from);
    },
    async find(draft, key, signal) {
      const { user, web: from } = await whereAmI(signal);
      const thread = above(draft);
      const since = { channel, oldest: tsAt(earliest(key)), include_all_metadata: 'true' };
      const top = await walk(call, 'conversations.history', since, { signal });
      // A channel's list leaves out what was said in threads.
      const below =
        thread === undefined
          ? { messages: [], whole: true }
          : await walk(call, 'conversations.replies', { ...since, ts: thread }, { signal });
      const messages = [...below.messages, ...top.messages];
      const whole = top.whole && below.whole;
      const ours = messages.filter((one) => one.user === user);
      const unmarked = ours.filter((one) => one.delivery === undefined);
      const found = ours.find((one) => one.delivery === key.id) ?? pickOurs(unmarked, draft);
      if (found !== undefined) return { ...postOf(found.ts, found.thread, from), text: found.text };
      if (whole) return null;
      throw tooMany(NETWORK);
    },
    async read(post, signal) {
      const ts = tsOf(post.id);
      const span = { channel, ts: threadOf(post), oldest: ts, latest: ts, inclusive: 'true' };
      try {
        const { messages } = await walk(call, 'conversations.replies', span, { signal });
        const message = messages.find((one) => one.ts === ts);
        if (message === undefined || message.subtype === 'tombstone') return null;
        const link = await call('chat.getPermalink', { channel, message_ts: ts }, { signal, safe: true });
        const raw = { channel, thread: message.thread ?? ts };
        return { id: ts, url: textOf(link['permalink']) ?? null, raw, text: message.text };
      } catch (error) {
        if (isGone(error)) return null;
        throw error;
      }
    },
    async edit(post, draft, _key, signal) {
      const { text, blocks } = contentOf(draft);
      const params = { channel, ts: tsOf(post.id), text, blocks, link_names: false };
      await call('chat.update', params, { signal, safe: false });
      return post;
    },
    async remove(post, signal) {
      try {
        await call('chat.delete', { channel, ts: tsOf(post.id) }, { signal, safe: false });
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    },
    async poll(cursor, signal) {
      const { user: us, web: from } = await whereAmI(signal);
      const since = cursor ?? tsAt(tools.now() - DAY);
      // An answer does not move the thread up, so the newest page is read even when nothing new began.
      const { messages: roots } = await walk(
        call,
        'conversations.history',
        { channel },
        {
          signal,
          enough: (page) => cursor === null || !isAfter(page.at(-1)?.ts ?? '', since),
        },
      );
      const fresh = new Map<string, SlackMessage & { answersUs: boolean }>();
      for (const root of roots) {
        if (isAfter(root.ts, since)) fresh.set(root.ts, { ...root, answersUs: false });
        if (root.latestReply === undefined || !isAfter(root.latestReply, since)) continue;
        const span = { channel, ts: root.ts, oldest: since };
        const { messages } = await walk(call, 'conversations.replies', span, { signal });
        for (const one of messages)
          if (isAfter(one.ts, since) && one.ts !== root.ts)
            fresh.set(one.ts, { ...one, answersUs: root.user === us });
      }
      const items: Inbound[] = [];
      const inOrder = [...fresh.values()].sort((a, b) => (isAfter(a.ts, b.ts) ? 1 : -1));
      for (const one of inOrder) {
        const { user, subtype, answersUs, wire } = one;
        if (user === undefined || user === us) continue;
        if (subtype !== undefined && subtype !== 'thread_broadcast') continue;
        if (!answersUs && !wire.includes(`<@${us}>`)) continue;
        const mentioned = [...wire.matchAll(/<@([UW]\w+)/g)].map(([, id]) => id ?? '');
        for (const id of mentioned) await speakerOf(id, signal);
        const names = new Map([...speakers].map(([id, { handle }]) => [id, handle]));
        const speaker = await speakerOf(user, signal);
        items.push(inboundOf({ ...one, user }, { channel, web: from, speaker, names }));
      }
      return { items, cursor: inOrder.at(-1)?.ts ?? cursor };
    },
    greet: (call) => greetSlack(call, { secret: values['signingSecret'] ?? '', now: tools.now() }),
    receive: (headers, body) =>
      receiveEvent(headers, body, { secret: values['signingSecret'] ?? '', now: tools.now(), channel, web }),
  };
}

/** Throws `rejected` for what is not a message's timestamp. */
function tsOf(id: string): string {
  if (!/^\d{10}\.\d{6}$/.test(id))
    throw new ChannelError('rejected', 'This is not a message on Slack, so nothing was asked for.', {
      code: 'bad_id',
    });
  return id;
}

import type { Abilities, RemotePost } from '../domain/channel.ts';
import { rootOf, webOf } from './ask-json.ts';
import { askOnce } from './ask-once.ts';
import { recordOf, textOf, tooMany, unreadable } from './classify.ts';
import { type Channel, ChannelError, type ChannelKind, type ChannelTools } from './contract.ts';
import {
  ask,
  contentOf,
  idOf,
  inboundOf,
  isGone,
  limits,
  NETWORK,
  readMessage,
  seenOf,
  snowflakeAt,
  urlOf,
  withPictures,
} from './discord-message.ts';
import { earliest } from './look-back.ts';
import { pickOurs } from './same-words.ts';
import { shortKey } from './short-key.ts';
import { discordSignIn } from './sign-in/discord.ts';
import { someWords } from './words-only.ts';

const MINUTE = 60_000;
/** https://docs.discord.com/developers/resources/message#message-object-message-flags */
const CROSSPOSTED = 1;
const PAGE = 100;
const PAGES = 20;
const NONCE_LENGTH = 25;
const ANNOUNCEMENT = 5;
/** Kinds of channel that take a plain message: text, announcements, and threads in both. */
const TEXT_CHANNELS: readonly unknown[] = [0, ANNOUNCEMENT, 10, 11, 12];

const can: Abilities = {
  replies: true,
  edit: 'in_place',
  remove: true,
  // "checked for uniqueness in the past few minutes": nobody says how many, so we count on two.
  idempotent: 'window',
  idempotentMs: 2 * MINUTE,
  find: true,
  read: true,
  inbound: 'poll',
  altText: true,
  lagMs: 5_000,
  whenUnverifiable: 'hold',
  everyUpdate: false,
};

/** A channel on a Discord server, through a bot. */
export const discord: ChannelKind = {
  kind: 'discord',
  name: NETWORK,
  lifecycle: 'active',
  limits,
  can,
  template: 'long',
  cost: 'free',
  defaultRole: 'brand',
  checkedOn: '2026-11-21',
  promise:
    'Discord recognises a repeated post for a few minutes, and we do not rely on it. If the connection breaks while we send, we look through the channel for the link before anything is sent again. A post counts as delivered when we have read it back, and it never notifies everyone.',
  fields: [
    {
      name: 'channel',
      label: 'Channel number',
      help: 'In Discord: Settings, Advanced, Developer Mode; then right-click the channel, “Copy Channel ID”.',
      secret: false,
      required: true,
      placeholder: '1234567890123456789',
    },
    {
      name: 'botToken',
      label: 'Bot token',
      help: 'Discord developer portal, your application, Bot, “Reset Token”.',
      secret: true,
      required: true,
    },
    {
      name: 'api',
      label: 'Discord’s address',
      help: 'Leave empty for Discord itself. Only for a stand-in during drills.',
      secret: false,
      required: false,
      placeholder: 'https://discord.com',
    },
  ],
  steps: [
    'Open the Discord developer portal, make an application, and open Bot.',
    'Invite the bot to your server with View Channel, Send Messages and Read Message History.',
    'Answers and mentions reach us without the message content intent; leave it off.',
  ],
  signIn: discordSignIn,
  open: (values, tools) => openDiscord(values, tools),
};

interface Place {
  me: { id: string; name: string };
  name: string;
  type: unknown;
  guild: string | undefined;
}

function openDiscord(values: Record<string, string>, tools: ChannelTools): Channel {
  const root = rootOf(values['api'], 'https://discord.com');
  const web = webOf(root, 'https://discord.com');
  const channel = encodeURIComponent((values['channel'] ?? '').trim());
  const authorization = `Bot ${(values['botToken'] ?? '').trim()}`;

  const call = (
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    signal: AbortSignal,
    body?: Record<string, unknown>,
    form?: { type: string; body: Uint8Array },
  ) => {
    const url = `${root}/api/v10${path}`;
    const sent = form ? { form } : body ? { body } : {};
    return ask(tools, { method, url, signal, headers: { authorization }, ...sent });
  };

  const whereAmI = askOnce(look);
  async function look(signal: AbortSignal): Promise<Place> {
    const me = recordOf(await call('GET', '/users/@me', signal));
    const there = recordOf(await call('GET', `/channels/${channel}`, signal));
    const id = textOf(me['id']);
    if (id === undefined || textOf(there['id']) === undefined) throw unreadable(NETWORK, 200, true);
    return {
      me: { id, name: textOf(me['username']) ?? id },
      name: textOf(there['name']) ?? channel,
      type: there['type'],
      guild: textOf(there['guild_id']),
    };
  }

  /** Throws for what is no list of messages: nobody can tell from it that one is absent. */
  const list = async (query: string, signal: AbortSignal): Promise<unknown[]> => {
    const page = await call('GET', `/channels/${channel}/messages?limit=${PAGE}${query}`, signal);
    if (!Array.isArray(page) || !page.every((one) => readMessage(one) !== undefined))
      throw unreadable(NETWORK, 200, true);
    return page;
  };

  /** What came after an id, oldest first, and whether that is all of it. */
  async function after(id: string, signal: AbortSignal): Promise<{ messages: unknown[]; whole: boolean }> {
    const messages: unknown[] = [];
    let last: string | undefined = id;
    for (let i = 0; i < PAGES && last !== undefined; i++) {
      const page = await list(`&after=${last}`, signal);
      // Newest first within a page, but the page is the next one after the id.
      messages.push(...page.toReversed());
      last = page.length < PAGE ? undefined : readMessage(page[0])?.id;
    }
    return { messages, whole: last === undefined };
  }

  const made = async (answer: unknown, guild: string | undefined): Promise<RemotePost> => {
    const message = readMessage(answer);
    if (message === undefined) throw unreadable(NETWORK, 200);
    return { id: message.id, url: urlOf(web, guild, message), raw: { channel: message.channel } };
  };

  /** Servers that follow an announcement channel get a post only after this. */
  const crosspost = (id: string, signal: AbortSignal) =>
    call('POST', `/channels/${channel}/messages/${idOf(id)}/crosspost`, signal);

  return {
    async verify(signal) {
      whereAmI.forget();
      const { me, name, type, guild } = await whereAmI(signal);
      if (!TEXT_CHANNELS.includes(type))
        throw new ChannelError('rejected', `#${name} is not a text channel. Choose one that is.`, {
          code: 'channel_type',
        });
      return {
        account: `@${me.name} in #${name}`,
        url: `${web}/channels/${guild ?? '@me'}/${channel}`,
        limits,
        can,
        ...(type === ANNOUNCEMENT
          ? {
              note: 'An announcement channel: servers that follow it get every post.',
            }
          : {}),
      };
    },
    async publish(draft, key, signal) {
      const body = {
        ...contentOf(draft, someWords),
        nonce: shortKey(key.id, NONCE_LENGTH),
        enforce_nonce: true,
        ...(draft.inReplyTo === undefined
          ? {}
          : { message_reference: { message_id: idOf(draft.inReplyTo.id), fail_if_not_exists: true } }),
      };
      // Asked before, so that nothing that can fail stands between Discord's yes and our record of it.
      const form = withPictures(draft, body);
      const { guild, type } = await whereAmI(signal);
      const post = await made(await call('POST', `/channels/${channel}/messages`, signal, body, form), guild);
      // Nothing that fails here may undo Discord's yes; the look that follows does it then.
      if (type === ANNOUNCEMENT) await crosspost(post.id, signal).catch(() => undefined);
      return post;
    },
    async find(draft, key, signal) {
      const { me, guild } = await whereAmI(signal);
      const { messages, whole } = await after(snowflakeAt(earliest(key)), signal);
      const ours = messages.flatMap((one) => readMessage(one) ?? []).filter((one) => one.author.id === me.id);
      const found = pickOurs(ours, draft);
      if (found !== undefined) return seenOf(found, urlOf(web, guild, found));
      if (whole) return null;
      throw tooMany(NETWORK);
    },
    async read(post, signal) {
      const { guild, type } = await whereAmI(signal);
      try {
        const answer = await call('GET', `/channels/${channel}/messages/${idOf(post.id)}`, signal);
        const message = readMessage(answer);
        if (message === undefined) throw unreadable(NETWORK, 200, true);
        const isOut = (Number(recordOf(answer)['flags'] ?? 0) & CROSSPOSTED) !== 0;
        if (type === ANNOUNCEMENT && !isOut) await crosspost(post.id, signal);
        return seenOf(message, urlOf(web, guild, message));
      } catch (error) {
        if (isGone(error)) return null;
        throw error;
      }
    },
    async edit(post, draft, _key, signal) {
      const { guild } = await whereAmI(signal);
      const path = `/channels/${channel}/messages/${idOf(post.id)}`;
      // A list of attachments takes the place of the one before; without a list they stay.
      const body = {
        ...contentOf(draft, someWords),
        ...(draft.media === undefined ? {} : { attachments: [] }),
      };
      return made(await call('PATCH', path, signal, body, withPictures(draft, body)), guild);
    },
    async remove(post, signal) {
      try {
        await call('DELETE', `/channels/${channel}/messages/${idOf(post.id)}`, signal);
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    },
    async poll(cursor, signal) {
      const { me, guild } = await whereAmI(signal);
      const fresh =
        cursor === null
          ? (await list('', signal)).toReversed()
          : (await after(idOf(cursor), signal)).messages;
      const items = fresh.filter((one) => {
        const message = readMessage(one);
        if (message === undefined || message.author.id === me.id) return false;
        return message.mentions.includes(me.id) || message.parent?.author === me.id;
      });
      return {
        items: items.flatMap((one) => inboundOf(one, (message) => urlOf(web, guild, message)) ?? []),
        cursor: readMessage(fresh.at(-1))?.id ?? cursor,
      };
    },
  };
}

import type { Abilities, Draft, RemotePost } from '../domain/channel.ts';
import { webOf } from './ask-json.ts';
import { askOnce } from './ask-once.ts';
import { recordOf, textOf, unreadable } from './classify.ts';
import type { Channel, ChannelKind, ChannelTools } from './contract.ts';
import {
  ask,
  contentOf,
  idOf,
  isGone,
  limits,
  NETWORK,
  readMessage,
  seenOf,
  urlOf,
  withPictures,
} from './discord-message.ts';
import { readSecretAddress } from './secret-address.ts';
import { someWords } from './words-only.ts';

const WHERE = 'In the channel’s settings open Integrations, Webhooks, “Copy Webhook URL”.';

const can: Abilities = {
  // A webhook cannot answer a message: it has no `message_reference`.
  replies: false,
  edit: 'in_place',
  remove: true,
  idempotent: 'none',
  // It can read the posts whose number it knows, and list none.
  find: false,
  read: true,
  inbound: 'none',
  altText: true,
  lagMs: 5_000,
  whenUnverifiable: 'hold',
  everyUpdate: false,
};

/** A channel on a Discord server, through a webhook: connected in a minute, but it hears nothing. */
export const discordWebhook: ChannelKind = {
  kind: 'discord_webhook',
  name: 'Discord webhook',
  lifecycle: 'active',
  limits,
  can,
  template: 'long',
  cost: 'free',
  defaultRole: 'brand',
  checkedOn: '2026-11-21',
  promise:
    'A Discord webhook cannot recognise a repeated post or look for one. If the connection breaks while we send, the post is held and a person decides. Otherwise it counts as delivered when we have read it back. A bot can do more.',
  fields: [
    {
      name: 'url',
      label: 'Webhook address',
      help: `${WHERE} Keep it secret: whoever knows it can post.`,
      secret: true,
      required: true,
      placeholder: 'https://discord.com/api/webhooks/…',
    },
    {
      name: 'thread',
      label: 'Thread number',
      help: 'Only to post into one thread of the channel: right-click it, “Copy Thread ID”.',
      secret: false,
      required: false,
    },
  ],
  steps: [
    'Open the channel’s settings, Integrations, Webhooks, and make a webhook with your brand’s name and picture.',
    'Copy its address.',
  ],
  open: (values, tools) => openWebhook(values, tools),
};

function openWebhook(values: Record<string, string>, tools: ChannelTools): Channel {
  const address = readSecretAddress(values['url'], /^.*\/api\/(v\d+\/)?webhooks\/\d+\/[\w-]+$/, WHERE);
  const base = `${address.origin}${address.pathname}`;
  const web = webOf(base.slice(0, base.indexOf('/api/')), 'https://discord.com');
  const thread = (values['thread'] ?? '').trim();
  const inThread = thread === '' ? {} : { thread_id: thread };
  const at = (path: string, query: Record<string, string> = {}) => {
    const asked = new URLSearchParams({ ...query, ...inThread }).toString();
    return `${base}${path}${asked === '' ? '' : `?${asked}`}`;
  };

  const aboutHook = askOnce(async (signal) =>
    recordOf(await ask(tools, { method: 'GET', url: base, signal })),
  );
  const guildOf = async (signal: AbortSignal) => textOf((await aboutHook(signal))['guild_id']);
  const made = (answer: unknown, guild: string | undefined): RemotePost => {
    const message = readMessage(answer);
    if (message === undefined) throw unreadable(NETWORK, 200);
    return { id: message.id, url: urlOf(web, guild, message), raw: { channel: message.channel } };
  };
  const send = async (method: 'POST' | 'PATCH', url: string, draft: Draft, signal: AbortSignal) => {
    const words = contentOf(draft, someWords);
    // A list of attachments takes the place of the one before; without a list they stay.
    const body = method === 'PATCH' && draft.media !== undefined ? { ...words, attachments: [] } : words;
    const form = withPictures(draft, body);
    const guild = await guildOf(signal);
    return made(await ask(tools, { method, url, signal, ...(form ? { form } : { body }) }), guild);
  };

  return {
    async verify(signal) {
      aboutHook.forget();
      const hook = await aboutHook(signal);
      const channel = textOf(hook['channel_id']);
      if (channel === undefined) throw unreadable(NETWORK, 200, true);
      return {
        account: textOf(hook['name']) ?? `Webhook ${textOf(hook['id'])}`,
        url: `${web}/channels/${textOf(hook['guild_id']) ?? '@me'}/${channel}`,
        limits,
        can,
      };
    },
    // Without `wait` Discord says yes before it has saved anything.
    publish: (draft, _key, signal) => send('POST', at('', { wait: 'true' }), draft, signal),
    async read(post, signal) {
      const guild = await guildOf(signal);
      try {
        const message = readMessage(
          await ask(tools, { method: 'GET', url: at(`/messages/${idOf(post.id)}`), signal }),
        );
        if (message === undefined) throw unreadable(NETWORK, 200, true);
        return seenOf(message, urlOf(web, guild, message));
      } catch (error) {
        if (isGone(error)) return null;
        throw error;
      }
    },
    async edit(post, draft, _key, signal) {
      return send('PATCH', at(`/messages/${idOf(post.id)}`), draft, signal);
    },
    async remove(post, signal) {
      try {
        await ask(tools, { method: 'DELETE', url: at(`/messages/${idOf(post.id)}`), signal });
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    },
  };
}

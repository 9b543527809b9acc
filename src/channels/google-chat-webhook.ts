import type { Abilities, Draft } from '../domain/channel.ts';
import { askJson, webOf } from './ask-json.ts';
import { recordOf, textOf, unreadable } from './classify.ts';
import { type Channel, ChannelError, type ChannelKind, type ChannelTools } from './contract.ts';
import {
  clientIdOf,
  contentOf,
  failureOf,
  limits,
  NETWORK,
  postOf,
  readMessage,
} from './google-chat-message.ts';
import { readSecretAddress } from './secret-address.ts';

const WHERE = 'In the space open “Apps & integrations”, Webhooks, and copy the link again.';

const can: Abilities = {
  replies: true,
  // Changing and deleting a message needs an app.
  edit: 'none',
  remove: false,
  idempotent: 'always',
  find: false,
  read: false,
  inbound: 'none',
  altText: false,
  lagMs: 0,
  whenUnverifiable: 'hold',
  everyUpdate: false,
};

/** A space in Google Chat, through an incoming webhook: connected in a minute, and post-only. */
export const googleChatWebhook: ChannelKind = {
  kind: 'google_chat_webhook',
  name: 'Google Chat webhook',
  lifecycle: 'active',
  limits,
  can,
  template: 'long',
  cost: 'free',
  defaultRole: 'brand',
  checkedOn: '2026-11-21',
  promise:
    'Google Chat recognises a repeated post, so a repeat can never make a second one. A post can not be read back, corrected or removed from here; a Chat app can do more.',
  fields: [
    {
      name: 'url',
      label: 'Webhook address',
      help: `${WHERE} Keep it secret: whoever knows it can post.`,
      secret: true,
      required: true,
      placeholder: 'https://chat.googleapis.com/v1/spaces/…',
    },
    {
      name: 'name',
      label: 'Space',
      help: 'How the space is called, for your own lists: the address does not say.',
      secret: false,
      required: false,
      placeholder: 'Service status',
    },
  ],
  steps: [
    'In the space open “Apps & integrations”, Webhooks, and add one with your brand’s name and picture.',
    'Copy its link.',
  ],
  open: (values, tools) => openWebhook(values, tools),
};

function openWebhook(values: Record<string, string>, tools: ChannelTools): Channel {
  const address = readSecretAddress(values['url'], /\/v1\/spaces\/[\w-]+\/messages\?.*\btoken=/, WHERE);
  const space = /spaces\/([\w-]+)/.exec(address.pathname)?.[1] ?? '';
  const web = webOf(address.href.slice(0, address.href.indexOf('/v1/')), 'https://chat.google.com');

  const post = (query: Record<string, string>, body: unknown, signal: AbortSignal, safe = false) => {
    const url = new URL(address);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return askJson(tools, { method: 'POST', url: url.href, body, signal, safe });
  };

  return {
    /** An empty message is refused as empty by an address that works, and for its key or token by one that does not. */
    async verify(signal) {
      const answer = await post({}, {}, signal, true);
      const code = textOf(recordOf(recordOf(answer.json)['error'])['status']);
      const failure = failureOf(answer, { now: tools.now(), safe: true, advice: WHERE });
      if (code !== 'INVALID_ARGUMENT' || failure.failure === 'auth') throw failure;
      return {
        account: values['name']?.trim() || `spaces/${space}`,
        url: `${web}/room/${space}`,
        limits,
        can,
      };
    },
    async publish(draft, key, signal) {
      const query = {
        requestId: clientIdOf(key),
        messageReplyOption: 'REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD',
      };
      const answer = await post(query, { text: contentOf(draft), ...threadOf(draft) }, signal);
      if (answer.status !== 200) throw failureOf(answer, { now: tools.now(), safe: false, advice: WHERE });
      const made = readMessage(answer.json, web);
      if (made === undefined) throw unreadable(NETWORK, 200);
      return postOf(made);
    },
  };
}

/** A webhook cannot read, so it answers only what it has posted itself and kept the thread of. */
function threadOf(draft: Draft) {
  const above = draft.root ?? draft.inReplyTo;
  if (above === undefined) return {};
  const name = textOf(above.raw?.['thread']);
  if (name === undefined)
    throw new ChannelError('rejected', 'We do not know the thread of the post that this one answers.', {
      code: 'parent_gone',
    });
  return { thread: { name } };
}

import type { Abilities } from '../domain/channel.ts';
import { askJson } from './ask-json.ts';
import { failureOfAnswer, unreadable } from './classify.ts';
import {
  type Channel,
  ChannelError,
  type ChannelKind,
  type ChannelTools,
  type GuardedResponse,
} from './contract.ts';
import { readSecretAddress } from './secret-address.ts';
import { contentOf, limits, NETWORK } from './slack-text.ts';

const WHERE = 'api.slack.com/apps, your app, “Incoming Webhooks”, “Copy”.';

const can: Abilities = {
  // Slack answers "ok" and nothing else: without the message's id nothing more can be done with it.
  replies: false,
  edit: 'none',
  remove: false,
  idempotent: 'none',
  find: false,
  read: false,
  inbound: 'none',
  altText: false,
  lagMs: 0,
  whenUnverifiable: 'hold',
  everyUpdate: false,
};

/** A channel in a Slack workspace, through an incoming webhook: connected in a minute, and post-only. */
export const slackWebhook: ChannelKind = {
  kind: 'slack_webhook',
  name: 'Slack webhook',
  lifecycle: 'active',
  limits,
  can,
  template: 'long',
  cost: 'free',
  defaultRole: 'brand',
  checkedOn: '2026-11-21',
  promise:
    'Slack says only that it has taken a post: it can not be read back, corrected or removed from here. If the connection breaks while we send, the post is held and a person decides. An app with a bot token can do more.',
  fields: [
    {
      name: 'url',
      label: 'Webhook address',
      help: `${WHERE} Keep it secret: whoever knows it can post.`,
      secret: true,
      required: true,
      placeholder: 'https://hooks.slack.com/services/…',
    },
    {
      name: 'name',
      label: 'Channel',
      help: 'How the channel is called, for your own lists: the address does not say.',
      secret: false,
      required: false,
      placeholder: '#status',
    },
  ],
  steps: [
    'On api.slack.com/apps make an app for your workspace and open “Incoming Webhooks”.',
    'Switch them on, press “Add New Webhook”, and choose the channel.',
  ],
  open: (values, tools) => openWebhook(values, tools),
};

function openWebhook(values: Record<string, string>, tools: ChannelTools): Channel {
  const address = readSecretAddress(values['url'], /\/services\/\w+\/\w+\/\w+$/, WHERE);
  const post = (body: unknown, signal: AbortSignal, safe: boolean) =>
    askJson(tools, { method: 'POST', url: address.href, body, signal, safe });

  return {
    /** A message without words is refused with `no_text` by an address that works, and with its own name by one that does not. */
    async verify(signal) {
      const answer = await post({}, signal, true);
      const isAlive = answer.status === 400 && /^(no_text|invalid_payload)/.test(answer.text.trim());
      if (!isAlive) throw failureOf(answer, tools.now(), true);
      const name = values['name']?.trim();
      return { account: name || `A channel on ${address.host}`, url: null, limits, can };
    },
    async publish(draft, key, signal) {
      const answer = await post(contentOf(draft), signal, false);
      if (answer.status !== 200) throw failureOf(answer, tools.now(), false);
      if (answer.text.trim() !== 'ok') throw unreadable(NETWORK, 200);
      return { id: key.id, url: null };
    },
  };
}

/** Webhooks that are gone: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors */
const GONE = /^(no_service|no_service_id|no_team|no_active_hooks|team_disabled|invalid_token)\b/;

function failureOf(answer: GuardedResponse, now: number, safe: boolean): ChannelError {
  const said = answer.text.trim();
  const code = /^[a-z_]{3,40}$/.test(said) ? said : undefined;
  if (GONE.test(said))
    return new ChannelError(
      'auth',
      `This webhook does not exist any more (${answer.status} ${code ?? 'gone'}). Make a new one and connect it.`,
      { status: answer.status, code },
    );
  return failureOfAnswer(answer, { network: NETWORK, now, safe, said: code, code });
}

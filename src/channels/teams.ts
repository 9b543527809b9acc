import type { Abilities, Limits } from '../domain/channel.ts';
import { askJson } from './ask-json.ts';
import { failureOfAnswer, recordOf, textOf, unreadable } from './classify.ts';
import {
  type Channel,
  ChannelError,
  type ChannelKind,
  type ChannelTools,
  type GuardedResponse,
} from './contract.ts';
import { readSecretAddress } from './secret-address.ts';
import { cardOf } from './teams-card.ts';
import { wordsOnly } from './words-only.ts';

const NETWORK = 'Teams';
const WHERE = 'In Teams open Workflows, your flow, and copy the address of its webhook again.';

/**
 * A message with everything in it may take about 28 KB, and a larger one is accepted and then never posted. The card
 * needs some of that: https://learn.microsoft.com/microsoftteams/limits-specifications-teams
 */
const MAX_MESSAGE = 28 * 1024;
const limits: Limits = { unit: 'bytes', max: 24_000 };

const can: Abilities = {
  // Workflows answer 202 and nothing else: there is no message to name.
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

/** A channel or chat in Microsoft Teams, through a flow of the Workflows app. */
export const teams: ChannelKind = {
  kind: 'teams',
  name: 'Microsoft Teams',
  lifecycle: 'active',
  limits,
  can,
  template: 'long',
  cost: 'free',
  defaultRole: 'brand',
  checkedOn: '2026-11-21',
  promise:
    'Teams says only that it has taken a post, not that it has shown it, and the post can not be read back, corrected or removed from here. If the connection breaks while we send, the post is held and a person decides. Flows stop when their owner leaves, so send a test now and then.',
  fields: [
    {
      name: 'url',
      label: 'Webhook address',
      help: 'Workflows shows it when the flow was made. Keep it secret: whoever knows it can post.',
      secret: true,
      required: true,
      placeholder: 'https://….environment.api.powerplatform.com/…',
    },
    {
      name: 'name',
      label: 'Channel',
      help: 'How the channel is called, for your own lists: the address does not say.',
      secret: false,
      required: false,
      placeholder: 'Service status',
    },
  ],
  steps: [
    'In Teams choose the channel, “More options”, Workflows, “Send webhook alerts to a channel”.',
    'Let a shared account own the flow, and add a second owner: a flow stops when its owner leaves.',
    'Copy the address that is shown at the end. Addresses of the old connectors (webhook.office.com) do not work any more.',
  ],
  open: (values, tools) => openTeams(values, tools),
};

function openTeams(values: Record<string, string>, tools: ChannelTools): Channel {
  if (/\.webhook\.office\.com\//i.test(values['url'] ?? ''))
    throw new ChannelError(
      'auth',
      'This address belongs to an Office 365 connector. Microsoft switched those off in May 2026: make a flow in Workflows and enter its address.',
      { code: 'connector' },
    );
  const address = readSecretAddress(values['url'], /\/workflows\/.*[?&]sig=[^&]+/, WHERE);
  return {
    /** Asking without posting shows only that somebody answers: a flow has no other door. */
    async verify(signal) {
      const answer = await tools.fetch(address.href, { method: 'HEAD', signal, safe: true });
      if (answer.status === 410 || answer.status >= 500) throw failureOf(answer, tools.now(), true);
      const name = values['name']?.trim();
      return {
        account: name || `A flow on ${address.host}`,
        url: null,
        limits,
        can,
        note: 'Teams cannot be asked whether the flow works. Send a test and look at the channel.',
      };
    },
    async publish(draft, key, signal) {
      const words = wordsOnly(draft, NETWORK);
      const body = cardOf(words);
      if (Buffer.byteLength(words) > limits.max || Buffer.byteLength(JSON.stringify(body)) > MAX_MESSAGE)
        throw new ChannelError(
          'rejected',
          'The text is too long for Teams, which would take it and never show it. Shorten it, or use fewer lines.',
          { code: 'too_long' },
        );
      const answer = await askJson(tools, { method: 'POST', url: address.href, body, signal });
      if (answer.status === 202) return { id: key.id, url: null };
      if (answer.status >= 200 && answer.status < 300) throw unreadable(NETWORK, answer.status);
      throw failureOf(answer, tools.now(), false);
    },
  };
}

/** Names for a flow that is off, whatever their status. */
const OFF = /^(WorkflowTriggerIsNotEnabled|WorkflowNotFound|FlowNotFound|WorkflowDisabled)$/;

function failureOf(answer: GuardedResponse, now: number, safe: boolean): ChannelError {
  const { status } = answer;
  const error = recordOf(recordOf(answer.json)['error']);
  const code = textOf(error['code']);
  const more = { status, code: code ?? `http_${status}` };
  if ([404, 410].includes(status) || OFF.test(code ?? ''))
    return new ChannelError(
      'auth',
      `The flow in Teams is switched off or deleted (${status} ${more.code}): often its owner has left. Switch it on in Workflows, or make a new one and enter its address.`,
      more,
    );
  if ([401, 403].includes(status))
    return new ChannelError(
      'auth',
      `Teams did not accept the address (${status} ${more.code}). ${WHERE}`,
      more,
    );
  // Its words repeat parts of the address, so only the name of the error is kept.
  return failureOfAnswer(answer, { network: NETWORK, now, safe, said: code, code });
}

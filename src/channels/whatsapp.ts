import type { Abilities, Draft, Limits } from '../domain/channel.ts';
import { rootOf } from './ask-json.ts';
import { listOf, recordOf, textOf, unreadable } from './classify.ts';
import { type Channel, ChannelError, type ChannelKind, type ChannelTools } from './contract.ts';
import { apiField } from './fields.ts';
import { GRAPH_VERSION, openGraph } from './graph.ts';
import { greetMeta, metaHook, readMetaWebhook } from './meta-webhook.ts';
import { failureOfWhatsApp } from './whatsapp-failure.ts';
import { answerable, inboundOf } from './whatsapp-message.ts';
import { wordsOnly } from './words-only.ts';

const NETWORK = 'WhatsApp';
/** "customer service window": free words may go for so long after a customer's last message. */
const WINDOW_MS = 24 * 3_600_000;
const ANSWER_MAX = 4_096;

/** The body of a template with its words in it; an answer within the window may have 4,096. */
const limits: Limits = { unit: 'codepoints', max: 1_024 };

const can: Abilities = {
  replies: true,
  edit: 'none',
  remove: false,
  idempotent: 'none',
  find: false,
  read: false,
  inbound: 'push',
  altText: false,
  lagMs: 0,
  whenUnverifiable: 'resend',
  everyUpdate: false,
};

/** WhatsApp, by the Cloud API: answers to customers, and approved templates to people who have agreed. */
export const whatsapp: ChannelKind = {
  kind: 'whatsapp',
  name: NETWORK,
  lifecycle: 'active',
  limits,
  can,
  template: 'sms',
  cost: 'per_recipient',
  defaultRole: 'care',
  checkedOn: '2026-11-21',
  promise:
    'WhatsApp has taken each message, one recipient at a time. It cannot be asked afterwards, so a message whose fate is unknown goes out again: a missing alert is worse than a double one. Free words reach a customer for 24 hours after they wrote; then only an approved template does.',
  fields: [
    {
      name: 'phoneNumberId',
      label: 'Phone number ID',
      help: 'Meta app dashboard, WhatsApp, API Setup. It is a long number, not the phone number itself.',
      secret: false,
      required: true,
      placeholder: '106540352242922',
    },
    {
      name: 'accessToken',
      label: 'Access token',
      help: 'Of a system user, with whatsapp_business_messaging and whatsapp_business_management, that never expires.',
      secret: true,
      required: true,
    },
    {
      name: 'appSecret',
      label: 'App secret',
      help: 'Meta app dashboard, App settings, Basic. It proves that a call comes from Meta.',
      secret: true,
      required: true,
    },
    {
      name: 'template',
      label: 'Template',
      help: 'The name of an approved utility template whose body ends with {{1}}. Without one we can only answer.',
      secret: false,
      required: false,
      placeholder: 'status_update',
    },
    {
      name: 'templateLanguage',
      label: 'Language of the template',
      help: 'As it was approved, for example en or en_US. Without it: en.',
      secret: false,
      required: false,
      placeholder: 'en',
    },
    {
      name: 'to',
      label: 'Recipient',
      help: 'One phone number, with + and country code, that gets every update. Its owner must have agreed.',
      secret: false,
      required: false,
      placeholder: '+15551234567',
    },
    apiField('Meta', 'https://graph.facebook.com'),
  ],
  steps: [
    'Add WhatsApp to a Meta app, and a phone number to its business account.',
    'Make a system user with an access token that never expires.',
    'Have a template of the category “utility” approved, for example: “Update from Northwind Pay: {{1}}”.',
    'Subscribe the app to the webhook field “messages”, and enter our address for it.',
  ],
  hook: metaHook('WhatsApp Business Account', 'messages'),
  open: (values, tools) => openWhatsApp(values, tools),
};

function openWhatsApp(values: Record<string, string>, tools: ChannelTools): Channel {
  const phoneNumberId = values['phoneNumberId']?.trim() ?? '';
  const appSecret = values['appSecret']?.trim() ?? '';
  const template = values['template']?.trim() ?? '';
  const language = values['templateLanguage']?.trim() || 'en';
  const graph = openGraph({
    network: NETWORK,
    base: `${rootOf(values['api'], 'https://graph.facebook.com')}/${GRAPH_VERSION}`,
    tools,
    token: async () => values['accessToken']?.trim() ?? '',
    appSecret,
  });
  const path = encodeURIComponent(phoneNumberId);

  /** Free words while the customer's own message is fresh enough, a template otherwise. */
  function messageOf(draft: Draft): Record<string, unknown> {
    const text = wordsOnly(draft, NETWORK);
    const answered = answerable(draft.inReplyTo);
    const isOpen = answered !== undefined && tools.now() - answered.at < WINDOW_MS;
    const context = answered === undefined ? {} : { context: { message_id: answered.id } };
    if (isOpen) {
      assertFits(text, ANSWER_MAX);
      return { ...context, type: 'text', text: { preview_url: false, body: text } };
    }
    if (template === '')
      throw new ChannelError(
        'rejected',
        answered === undefined
          ? 'WhatsApp lets nobody begin a conversation without an approved template. Enter the name of one in this connection’s settings.'
          : 'This customer wrote more than 24 hours ago, so WhatsApp takes only an approved template. Enter the name of one in this connection’s settings.',
        { code: answered === undefined ? 'no_template' : '131047' },
      );
    // A parameter holds no line breaks, no tabs and no runs of spaces; WhatsApp refuses them all.
    const line = text.replace(/\s+/g, ' ').trim();
    assertFits(line, limits.max);
    return {
      ...context,
      type: 'template',
      template: {
        name: template,
        language: { code: language },
        components: [{ type: 'body', parameters: [{ type: 'text', text: line }] }],
      },
    };
  }

  return {
    async verify(signal) {
      recipientOf({ text: '' }, values);
      const query = { fields: 'display_phone_number,verified_name,quality_rating,status' };
      const number = await graph({ method: 'GET', path, query, signal });
      const shown = textOf(number['display_phone_number']);
      if (shown === undefined) throw unreadable(NETWORK, 200, true);
      const quality = textOf(number['quality_rating'])?.toLowerCase();
      const only = template === '' ? ' No template, so this connection only answers.' : '';
      return {
        account: `${textOf(number['verified_name']) ?? NETWORK} ${shown}`,
        url: `https://wa.me/${shown.replace(/\D/g, '')}`,
        limits,
        can,
        note: `Quality ${quality ?? 'unknown'}.${only}`,
      };
    },
    async publish(draft, _key, signal) {
      const message = messageOf(draft);
      const to = recipientOf(draft, values);
      if (to === undefined)
        throw new ChannelError('rejected', 'This connection has no recipient. Enter one in its settings.', {
          code: 'no_recipient',
        });
      const body = { messaging_product: 'whatsapp', recipient_type: 'individual', ...to, ...message };
      let answer: Record<string, unknown>;
      try {
        answer = await graph({ method: 'POST', path: `${path}/messages`, body, signal });
      } catch (error) {
        throw failureOfWhatsApp(error);
      }
      const id = textOf(recordOf(listOf(answer['messages'])[0])['id']);
      if (id === undefined) throw unreadable(NETWORK, 200);
      return { id, url: null };
    },
    greet: (call) => greetMeta(NETWORK, tools.hook?.secret, call),
    receive(headers, body) {
      const call = readMetaWebhook(NETWORK, appSecret || undefined, headers, body);
      if (call['object'] !== 'whatsapp_business_account') return [];
      return listOf(call['entry'])
        .flatMap((entry) => listOf(recordOf(entry)['changes']))
        .map((change) => recordOf(recordOf(change)['value']))
        .filter((value) => recordOf(value['metadata'])['phone_number_id'] === phoneNumberId)
        .flatMap((value) =>
          listOf(value['messages']).flatMap(
            (one) => inboundOf(recordOf(one), listOf(value['contacts'])) ?? [],
          ),
        );
    },
  };
}

function assertFits(text: string, max: number): void {
  const length = [...text].length;
  if (length > max)
    throw new ChannelError('rejected', `This message has ${length} characters; ${max} fit. Shorten it.`, {
      code: 'too_long',
    });
}

/**
 * The draft's own recipient, else who is answered, else the connection's. A customer with a user name may have no number
 * for us; they have an id that only we can write to.
 */
function recipientOf(
  draft: Draft,
  values: Record<string, string>,
): { to: string } | { recipient: string } | undefined {
  const answered = draft.recipient === undefined ? answerable(draft.inReplyTo) : undefined;
  if (answered !== undefined)
    return answered.from === undefined ? { recipient: answered.user } : { to: answered.from };
  const typed = draft.recipient ?? values['to'] ?? '';
  if (typed.trim() === '' && draft.recipient === undefined) return undefined;
  const number = typed.replace(/[\s().\u00a0-]/g, '').replace(/^00/, '+');
  if (!/^\+?[1-9]\d{6,14}$/.test(number))
    throw new ChannelError(
      'rejected',
      'The recipient is not a phone number. Enter exactly one, with + and country code, like +15551234567.',
      { code: 'bad_recipient' },
    );
  return { to: number.replace(/^\+/, '') };
}

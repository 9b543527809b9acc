import type { Abilities, Draft, Limits } from '../domain/channel.ts';
import { invalid } from '../domain/error.ts';
import { rootOf } from './ask-json.ts';
import { listOf, textOf, tooMany, unreadable } from './classify.ts';
import { type Channel, ChannelError, type ChannelKind, type ChannelTools } from './contract.ts';
import { apiField } from './fields.ts';
import { earliest } from './look-back.ts';
import { openCursor } from './poll-cursor.ts';
import { pickOurs } from './same-words.ts';
import { FAILED, inboundOf, type Message, QUEUED, readMessage, seenOf, sidOf } from './sms-message.ts';
import { segmentsOf, smartEncoded } from './sms-text.ts';
import { openTwilio, readTwilioCall } from './twilio.ts';
import { wordsOnly } from './words-only.ts';

const NETWORK = 'Twilio';
const PAGE = 100;
const PAGES = 20;
/** https://www.twilio.com/docs/messaging/api/message-resource: "up to 1,600 characters" (error 21617). */
const CHARACTERS_MAX = 1_600;
const SEGMENTS_USUAL = 4;
const SEGMENTS_MOST = 10;
const E164 = /^\+[1-9]\d{6,14}$/;

const can: Abilities = {
  // A number has no threads; who wrote to us can be answered.
  replies: true,
  edit: 'none',
  // Twilio can delete its record of a message, not the message on the phone.
  remove: false,
  idempotent: 'none',
  find: true,
  read: true,
  inbound: 'both',
  altText: false,
  lagMs: 10_000,
  whenUnverifiable: 'resend',
  everyUpdate: false,
};

/** Text messages through Twilio, one phone number a message. */
export const sms: ChannelKind = {
  kind: 'sms',
  name: 'SMS (Twilio)',
  lifecycle: 'active',
  limits: { unit: 'segments', max: SEGMENTS_USUAL },
  can,
  template: 'sms',
  cost: 'per_recipient',
  defaultRole: 'status',
  checkedOn: '2026-11-21',
  promise:
    'Twilio cannot recognise a repeated message. If the connection breaks while we send, we look through the messages to that number before anything is sent again. A message counts as delivered when Twilio has handed it to the phone company; what has reached a phone cannot be changed or taken back.',
  withoutPictures: 'a text message carries words alone; its link leads to the picture on the page',
  fields: [
    {
      name: 'accountSid',
      label: 'Account SID',
      help: 'On the first page of the Twilio console.',
      secret: false,
      required: true,
      placeholder: 'AC…',
    },
    {
      name: 'authToken',
      label: 'Auth token',
      help: 'Same page, below the account SID.',
      secret: true,
      required: true,
    },
    {
      name: 'from',
      label: 'Sender',
      help: 'Your Twilio number with + and country code, or a messaging service (MG…), which is faster for many recipients.',
      secret: false,
      required: true,
      placeholder: '+15550006245',
    },
    {
      name: 'to',
      label: 'Recipient',
      help: 'One phone number, with + and country code, that gets every update. Subscribers get theirs besides, one message each.',
      secret: false,
      required: false,
      placeholder: '+15551234567',
    },
    {
      name: 'maxSegments',
      label: 'Most segments',
      help: `How long a message may be, from 1 to ${SEGMENTS_MOST} segments of about 150 characters. Each one is charged. Without a number: ${SEGMENTS_USUAL}.`,
      secret: false,
      required: false,
      placeholder: String(SEGMENTS_USUAL),
    },
    {
      name: 'webhook',
      label: 'Address that Twilio calls',
      help: 'Exactly as you entered it at Twilio under “A message comes in”. Leave empty and we ask Twilio for answers instead.',
      secret: false,
      required: false,
    },
    apiField('Twilio', 'https://api.twilio.com'),
  ],
  steps: [
    'Buy a number at Twilio, or make a messaging service with several.',
    'Register the number for business messages where your recipients live (A2P 10DLC in the USA); unregistered messages are filtered.',
    'Allow the countries you write to under “Messaging Geographic Permissions”.',
    'Copy the account SID and the auth token from the console.',
  ],
  hook: {
    steps: [
      'In the Twilio console open your number (or messaging service) and enter the address shown here under “A message comes in”, as a POST.',
    ],
    wantsToken: false,
  },
  open: (values, tools) => openSms(values, tools),
};

function openSms(values: Record<string, string>, tools: ChannelTools): Channel {
  const from = phone(values['from'] ?? '');
  const isService = /^MG[0-9a-f]{32}$/i.test(from);
  if (!isService && !E164.test(from) && !/^[a-z0-9 ]{1,11}$/i.test(from))
    throw invalid('from', 'Sender: enter a number like +15550006245, or a messaging service (MG…).');
  const authToken = values['authToken']?.trim() ?? '';
  const twilio = openTwilio({
    api: rootOf(values['api'], 'https://api.twilio.com'),
    accountSid: values['accountSid']?.trim() ?? '',
    authToken,
    tools,
  });
  const webhook = values['webhook']?.trim() || (tools.hook?.url ?? '');
  const limits: Limits = { unit: 'segments', max: segmentsSetting(values['maxSegments']) };

  /**
   * Messages, newest first, until one is older than `since`, and whether it came so far. Queued ones have no sending
   * date yet, so it is not asked for.
   */
  async function list(filter: Record<string, string>, since: number, signal: AbortSignal) {
    const found: Message[] = [];
    let query = new URLSearchParams({ ...filter, PageSize: String(PAGE) }).toString();
    let whole = false;
    for (let i = 0; i < PAGES && !whole; i++) {
      const answer = await twilio.get(`/Messages.json?${query}`, signal);
      if (!Array.isArray(answer['messages'])) throw unreadable(NETWORK, 200, true);
      const page = listOf(answer['messages']).flatMap((one) => readMessage(one) ?? []);
      found.push(...page);
      const next = textOf(answer['next_page_uri'])?.split('?')[1];
      if (next === undefined || page.length === 0 || page.every((one) => one.at < since)) whole = true;
      else query = next;
    }
    return { messages: found.filter((one) => one.at >= since), whole };
  }

  return {
    async verify(signal) {
      recipientOf({ text: '' }, values);
      const account = await twilio.get('.json', signal);
      if (account['status'] !== 'active')
        throw new ChannelError(
          'auth',
          `This Twilio account is ${textOf(account['status']) ?? 'not active'}. Open the Twilio console and see why.`,
          { code: 'account_status' },
        );
      // Subaccounts and trial accounts may not ask.
      const balance = await twilio.get('/Balance.json', signal).catch(() => ({}) as Record<string, unknown>);
      const left = textOf(balance['balance']);
      return {
        account: `${from} (${textOf(account['friendly_name']) ?? 'Twilio'})`,
        url: null,
        limits,
        can,
        ...(left === undefined
          ? {}
          : { note: `Balance ${left} ${textOf(balance['currency']) ?? ''}`.trim() }),
      };
    },
    async publish(draft, _key, signal) {
      const text = wordsOnly(draft, NETWORK);
      const segments = segmentsOf(text);
      if (segments > limits.max || text.length > CHARACTERS_MAX)
        throw new ChannelError(
          'rejected',
          `This message has ${segments} segments, ${limits.max} are allowed. Shorten it, or allow more in the connection’s settings.`,
          { code: 'too_long' },
        );
      const to = recipientOf(draft, values);
      if (to === undefined)
        throw new ChannelError('rejected', 'This connection has no recipient. Enter one in its settings.', {
          code: 'no_recipient',
        });
      const made = readMessage(
        await twilio.post(
          '/Messages.json',
          {
            To: to,
            ...(isService ? { MessagingServiceSid: from } : { From: from }),
            Body: text,
            SmartEncoded: 'true',
            ...(/^https:/.test(webhook) ? { StatusCallback: webhook } : {}),
          },
          signal,
        ),
      );
      if (made === undefined) throw unreadable(NETWORK, 201);
      return { id: made.sid, url: null };
    },
    async find(draft, key, signal) {
      const to = recipientOf(draft, values);
      if (to === undefined) return null;
      const { messages, whole } = await list({ To: to }, earliest(key), signal);
      const sent = messages.filter((one) => one.direction.startsWith('outbound') && !FAILED.has(one.status));
      const listed = sent.map((one) => ({ ...one, text: smartEncoded(one.body), links: [] }));
      const found = pickOurs(listed, { ...draft, text: smartEncoded(draft.text) });
      if (found !== undefined) return seenOf(found);
      if (whole) return null;
      throw tooMany('Twilio');
    },
    async read(post, signal) {
      const sid = sidOf(post);
      let message: Message | undefined;
      try {
        message = readMessage(await twilio.get(`/Messages/${sid}.json`, signal));
      } catch (error) {
        if (error instanceof ChannelError && error.status === 404) return null;
        throw error;
      }
      if (message === undefined) throw unreadable(NETWORK, 200, true);
      if (FAILED.has(message.status)) return null;
      if (QUEUED.has(message.status))
        throw new ChannelError('unsent', 'Twilio still has the message in its queue.', {
          code: message.status,
        });
      return seenOf(message);
    },
    async poll(cursor, signal) {
      const look = openCursor(cursor, tools.now());
      const { messages: heard } = await list(isService ? {} : { To: from }, look.since, signal);
      return look.take(
        heard
          .filter((one) => one.direction === 'inbound')
          .map(inboundOf)
          .toReversed(),
      );
    },
    receive(headers, body) {
      const form = readTwilioCall({ authToken, address: webhook }, headers, body);
      const sid = form.get('MessageSid') ?? form.get('SmsSid') ?? '';
      const status = form.get('SmsStatus') ?? form.get('MessageStatus');
      // The same address hears how our own messages fare; `read` asks for that.
      if (status !== 'received' || sid === '') return [];
      return [
        inboundOf({
          sid,
          body: form.get('Body') ?? '',
          from: form.get('From') ?? '',
          direction: 'inbound',
          status,
          at: tools.now(),
        }),
      ];
    },
  };
}

/** Spaces, dots, dashes and brackets are how people write numbers; Twilio wants none. */
const phone = (typed: string): string => {
  const bare = typed.trim().replace(/[\s().\u00a0-]/g, '');
  return /^(\+|00)?\d+$/.test(bare) ? bare.replace(/^00/, '+') : typed.trim();
};

/** A phone number in the one form that networks read (E.164), or undefined. */
export function readPhone(typed: string): string | undefined {
  const number = phone(typed);
  return E164.test(number) ? number : undefined;
}

/** The draft's own recipient, else who is answered, else the connection's. Throws for one that is no number. */
function recipientOf(draft: Draft, values: Record<string, string>): string | undefined {
  const answered = textOf(draft.inReplyTo?.raw?.['from']);
  const typed = draft.recipient ?? answered ?? values['to'] ?? '';
  if (typed.trim() === '' && draft.recipient === undefined) return undefined;
  const number = phone(typed);
  if (!E164.test(number))
    throw new ChannelError(
      'rejected',
      'The recipient is not a phone number. Enter exactly one, with + and country code, like +15551234567.',
      { code: 'bad_recipient' },
    );
  return number;
}

function segmentsSetting(typed: string | undefined): number {
  const text = typed?.trim() ?? '';
  if (text === '') return SEGMENTS_USUAL;
  const n = Number(text);
  if (!Number.isInteger(n) || n < 1 || n > SEGMENTS_MOST)
    throw invalid('maxSegments', `Most segments: enter a whole number from 1 to ${SEGMENTS_MOST}.`);
  return n;
}

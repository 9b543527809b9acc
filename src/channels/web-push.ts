import { createECDH, createHash } from 'node:crypto';
import webpush from 'web-push';
import type { Abilities, Draft, Key, Limits } from '../domain/channel.ts';
import { failureOfAnswer, recordOf, textOf } from './classify.ts';
import { type Channel, ChannelError, type ChannelKind, type GuardedResponse } from './contract.ts';
import { wordsOnly } from './words-only.ts';

const NETWORK = 'The push service';
/** Push services keep a message this long for a browser that is off, in seconds; a newer one of the incident replaces it. */
const TTL_S = 24 * 3_600;
/** 4096 bytes encrypted (RFC 8030 section 7.2), less header, tag and padding mark of aes128gcm. */
const PAYLOAD_MAX = 4_096 - 86 - 16 - 1;

const limits: Limits = { unit: 'bytes', max: 3_000, subject: 120 };

const can: Abilities = {
  replies: false,
  edit: 'none',
  remove: false,
  // The page's service worker drops an id that it has shown, and the tag replaces in the tray.
  idempotent: 'receiver',
  find: false,
  read: false,
  inbound: 'none',
  altText: false,
  lagMs: 0,
  whenUnverifiable: 'resend',
  everyUpdate: false,
};

/** Notifications in browsers (RFC 8030, 8291, 8292), encrypted for one subscription each. */
export const webPush: ChannelKind = {
  kind: 'web_push',
  name: 'Web push',
  lifecycle: 'active',
  limits,
  can,
  template: 'post',
  cost: 'free',
  defaultRole: 'status',
  checkedOn: '2026-11-21',
  promise:
    'The browser’s push service has taken the notification and shows it when the browser is on, within a day. A newer update of the same incident replaces one that was not shown yet; a repeat is shown once.',
  fields: [
    {
      name: 'publicKey',
      label: 'Public key',
      help: 'The VAPID public key that the page gives to browsers. Make a pair with: npx web-push generate-vapid-keys.',
      secret: false,
      required: true,
      placeholder: 'BNc…',
    },
    {
      name: 'privateKey',
      label: 'Private key',
      help: 'The other half of the pair. Keep it for ever: every subscription is bound to it.',
      secret: true,
      required: true,
    },
    {
      name: 'subject',
      label: 'Contact',
      help: 'Where a push service reaches you: mailto: and an address that is read, or an https:// address.',
      secret: false,
      required: true,
      placeholder: 'mailto:ops@northwind.example',
    },
    {
      name: 'to',
      label: 'Subscription',
      help: 'One browser’s subscription as JSON, for example of a screen on the wall. Subscribers bring their own.',
      secret: true,
      required: false,
      placeholder: '{"endpoint":"https://…","keys":{…}}',
    },
  ],
  steps: [
    'Make a pair of VAPID keys, once, and keep both.',
    'Nothing else: browsers subscribe on the status page.',
  ],
  open(values, tools): Channel {
    return {
      async verify() {
        const vapid = vapidOf(values);
        const fixed = values['to']?.trim() ?? '';
        if (fixed !== '') readSubscription(fixed);
        return {
          account: vapid.subject.replace(/^mailto:/, ''),
          url: null,
          limits,
          can,
          note: 'The keys belong together. No push service was asked: that takes a subscription.',
        };
      },
      async publish(draft, key, signal) {
        wordsOnly(draft, NETWORK);
        const vapid = vapidOf(values);
        const typed = draft.recipient ?? values['to']?.trim() ?? '';
        if (typed === '')
          throw new ChannelError(
            'rejected',
            'This connection has no subscription of its own. Enter one in its settings.',
            {
              code: 'no_recipient',
            },
          );
        const subscription = readSubscription(typed);
        const { body, headers } = requestFor(subscription, payloadOf(draft, key), vapid, topicOf(draft, key));
        const answer = await tools.fetch(subscription.endpoint, { method: 'POST', signal, headers, body });
        if (answer.status >= 200 && answer.status < 300) return { id: key.id, url: null };
        throw failureOfPush(answer, tools.now(), draft.recipient !== undefined);
      },
    };
  },
};

interface Vapid {
  publicKey: string;
  privateKey: string;
  subject: string;
}

/** The keys, after a look whether they are a pair. Throws `auth` otherwise: no browser could be reached with them. */
function vapidOf(values: Record<string, string>): Vapid {
  const publicKey = values['publicKey']?.trim() ?? '';
  const privateKey = values['privateKey']?.trim() ?? '';
  const subject = values['subject']?.trim() ?? '';
  if (!/^(mailto:[^\s@]+@[^\s@]+|https:\/\/\S+)$/.test(subject))
    throw new ChannelError('auth', 'Contact: enter mailto: and an address, or an https:// address.', {
      code: 'bad_subject',
    });
  const secret = /^[\w-]{43}$/.test(privateKey) ? Buffer.from(privateKey, 'base64url') : undefined;
  if (secret === undefined || publicOf(secret) !== publicKey.replace(/=+$/, ''))
    throw new ChannelError(
      'auth',
      'The two keys are not a pair. Copy both again from where they were made.',
      {
        code: 'bad_keys',
      },
    );
  return { publicKey, privateKey, subject };
}

function publicOf(secret: Buffer): string | undefined {
  try {
    const curve = createECDH('prime256v1');
    curve.setPrivateKey(secret);
    return curve.getPublicKey('base64url');
  } catch {
    return undefined;
  }
}

interface Subscription {
  endpoint: string;
  keys: { p256dh: string; auth: string };
}

/** What a browser gives to the page. The endpoint is a secret of its subscriber, so it is in no error. */
function readSubscription(typed: string): Subscription {
  const json = typed.length <= 4_096 ? parsed(typed) : {};
  const endpoint = textOf(json['endpoint']) ?? '';
  const keys = recordOf(json['keys']);
  const p256dh = (textOf(keys['p256dh']) ?? '').replace(/=+$/, '');
  const auth = (textOf(keys['auth']) ?? '').replace(/=+$/, '');
  const point = Buffer.from(p256dh, 'base64url');
  if (
    !URL.canParse(endpoint) ||
    point.length !== 65 ||
    point[0] !== 4 ||
    Buffer.from(auth, 'base64url').length !== 16
  )
    throw new ChannelError(
      'rejected',
      'This is not a push subscription. Enter the JSON exactly as the browser gave it.',
      {
        code: 'bad_recipient',
      },
    );
  return { endpoint, keys: { p256dh, auth } };
}

function parsed(text: string): Record<string, unknown> {
  try {
    return recordOf(JSON.parse(text));
  } catch {
    return {};
  }
}

/** What the service worker gets: enough to show, to link, to replace and to drop a repeat. */
function payloadOf(draft: Draft, key: Key): string {
  const payload = JSON.stringify({
    id: key.id,
    at: key.at,
    tag: topicOf(draft, key),
    title: draft.subject ?? 'Status update',
    body: draft.text,
    ...(draft.link === undefined ? {} : { url: draft.link }),
    ...(draft.language === undefined ? {} : { lang: draft.language }),
  });
  const size = Buffer.byteLength(payload);
  if (size > PAYLOAD_MAX)
    throw new ChannelError(
      'rejected',
      `This notification has ${size} bytes with everything; ${PAYLOAD_MAX} fit. Shorten the words.`,
      { code: 'too_long' },
    );
  return payload;
}

/** The same for every update of an incident, so that a newer one replaces an older that nobody has seen yet. */
const topicOf = (draft: Draft, key: Key): string =>
  createHash('sha256')
    .update(draft.incident ?? key.id)
    .digest('base64url')
    .slice(0, 32);

function requestFor(
  subscription: Subscription,
  payload: string,
  vapidDetails: Vapid,
  topic: string,
): { body: Uint8Array; headers: Record<string, string> } {
  try {
    const details = webpush.generateRequestDetails(subscription, payload, {
      vapidDetails,
      topic,
      TTL: TTL_S,
      urgency: 'high',
      contentEncoding: 'aes128gcm',
    });
    const { 'Content-Length': _, ...headers } = details.headers;
    return {
      body: details.body ?? new Uint8Array(),
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
      ),
    };
  } catch {
    // The library quotes keys; a point that is not on the curve is what is left to go wrong here.
    throw new ChannelError(
      'rejected',
      'Nothing can be encrypted for this subscription: its key is not valid.',
      {
        code: 'bad_recipient',
      },
    );
  }
}

/**
 * A push service's no. Whoever subscribes names the service, so with a subscriber's own subscription nothing that it
 * says may stop or slow the others: refused keys and waits then concern this one alone.
 */
function failureOfPush(answer: GuardedResponse, now: number, isSubscriber: boolean): ChannelError {
  const { status } = answer;
  const json = recordOf(answer.json);
  const said =
    textOf(json['message']) ?? textOf(json['reason']) ?? (answer.text.length < 200 ? answer.text : '');
  if (status === 404 || status === 410)
    return new ChannelError(
      'rejected',
      `This subscription does not exist any more (${status}): the browser was reset, or notifications were switched off.`,
      { status, code: 'gone' },
    );
  if (status === 413)
    return new ChannelError(
      'rejected',
      'The push service finds this notification too long. Shorten the words.',
      {
        status,
        code: 'too_long',
      },
    );
  const ofKeys = status === 401 || status === 403 || (status === 400 && /vapid|jwt|unauthorized/i.test(said));
  const table = failureOfAnswer(answer, { network: NETWORK, now, said });
  if (ofKeys)
    return new ChannelError(
      isSubscriber ? 'rejected' : 'auth',
      `The push service did not accept our key for this subscription (${status}). It was made with another key; the browser has to subscribe again.`,
      { status, code: 'vapid' },
    );
  if (isSubscriber && table.failure === 'limited')
    return new ChannelError('unsent', table.message, {
      status,
      code: table.code,
      retryAfterMs: table.retryAfterMs,
    });
  return table;
}

import { createECDH, createHash } from 'node:crypto';
import webpush from 'web-push';
import type { Draft, Key } from '../domain/channel.ts';
import { jsonOf, recordOf, textOf } from './classify.ts';
import { ChannelError } from './contract.ts';

/** Push services keep a message this long for a browser that is off, in seconds; a newer one of the incident replaces it. */
const TTL_S = 24 * 3_600;
/** 4096 bytes encrypted (RFC 8030 section 7.2), less header, tag and padding mark of aes128gcm. */
const PAYLOAD_MAX = 4_096 - 86 - 16 - 1;

export interface Vapid {
  publicKey: string;
  privateKey: string;
  subject: string;
}

/** The keys, after a look whether they are a pair. Throws `auth` otherwise: no browser could be reached with them. */
export function vapidOf(values: Record<string, string>): Vapid {
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

/** What a browser gives to the page. */
export interface Subscription {
  endpoint: string;
  keys: { p256dh: string; auth: string };
}

/** Reads a subscription. The endpoint is a secret of its subscriber, so it is in no error. Throws `rejected`. */
export function readSubscription(typed: string): Subscription {
  const json = typed.length <= 4_096 ? recordOf(jsonOf(typed)) : {};
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

/** What the service worker gets: enough to show, to link, to replace and to drop a repeat. */
export function payloadOf(draft: Draft, key: Key): string {
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
export const topicOf = (draft: Draft, key: Key): string =>
  createHash('sha256')
    .update(draft.incident ?? key.id)
    .digest('base64url')
    .slice(0, 32);

export function requestFor(
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

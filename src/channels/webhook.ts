import { Webhook } from 'standardwebhooks';
import type { Abilities, Draft, Key } from '../domain/channel.ts';
import { failureOfAnswer, retryAfter } from './classify.ts';
import { type Channel, ChannelError, type ChannelKind } from './contract.ts';

const NETWORK = 'The receiver';

const can: Abilities = {
  replies: false,
  edit: 'none',
  remove: false,
  // The receiver drops what it has by `webhook-id`, which never changes: https://www.standardwebhooks.com
  idempotent: 'receiver',
  find: false,
  read: false,
  inbound: 'none',
  altText: false,
  lagMs: 0,
  whenUnverifiable: 'resend',
  everyUpdate: true,
};

/** Signed webhooks (Standard Webhooks 1.0), for programs: every update, in order, with the facts beside the words. */
export const webhook: ChannelKind = {
  kind: 'webhook',
  name: 'Webhook',
  lifecycle: 'active',
  // "Payloads should be kept small, ideally under 20kb"
  limits: { unit: 'bytes', max: 20_000 },
  can,
  template: 'webhook',
  cost: 'free',
  defaultRole: 'status',
  checkedOn: '2026-11-21',
  promise:
    'The receiver gets every update at least once. A repeat carries the same webhook-id, so a receiver that keeps the ids it has seen handles each update once.',
  fields: [
    {
      name: 'url',
      label: 'Address',
      help: 'Where we POST to. It must begin with https:// and be reachable from the internet.',
      secret: false,
      required: true,
      placeholder: 'https://example.com/hooks/status',
    },
    {
      name: 'secret',
      label: 'Signing secret',
      help: 'whsec_ and 24 to 64 random bytes in base64. The receiver checks our signature with the same secret.',
      secret: true,
      required: true,
      placeholder: 'whsec_…',
    },
  ],
  steps: [
    'Make a secret, for example with: echo "whsec_$(openssl rand -base64 32)".',
    'Give it to the receiver, which checks the webhook-signature header with any Standard Webhooks library.',
    'Let the receiver answer 2xx quickly, and drop a webhook-id that it has seen before.',
  ],
  open(values, tools): Channel {
    const url = values['url']?.trim() ?? '';
    const signer = signerOf(values['secret']?.trim() ?? '');
    return {
      /** An empty HEAD proves that the address is allowed and somebody answers; any status will do, but "gone". */
      async verify(signal) {
        const answer = await tools.fetch(url, { method: 'HEAD', signal, safe: true });
        if (answer.status === 410) throw disabled();
        return { account: new URL(url).host, url: null, limits: webhook.limits, can };
      },
      async publish(draft, key, signal) {
        const body = draft.body ?? bodyOf(draft, key);
        const now = tools.now();
        const answer = await tools.fetch(draft.recipient ?? url, {
          method: 'POST',
          signal,
          headers: {
            'content-type': 'application/json',
            'webhook-id': key.id,
            'webhook-timestamp': String(Math.floor(now / 1000)),
            'webhook-signature': signer.sign(key.id, new Date(now), body),
          },
          body,
        });
        const { status } = answer;
        if (status >= 200 && status < 300) return { id: key.id, url: null };
        if (status === 410) throw disabled();
        const wait = retryAfter(answer.headers, answer.json, now);
        // The specification asks senders to slow down on these; without a time it is an ordinary uncertain try.
        if ((status === 502 || status === 504) && wait !== undefined)
          throw new ChannelError('limited', `${NETWORK} is overloaded and asks us to wait (${status}).`, {
            status,
            code: `http_${status}`,
            retryAfterMs: wait,
          });
        throw failureOfAnswer(answer, { network: NETWORK, now });
      },
    };
  },
};

/** The same bytes on every try; only the timestamp in the header tells the tries apart. */
function bodyOf(draft: Draft, key: Key): string {
  const { type, ...facts } = draft.payload ?? {};
  return JSON.stringify({
    type: typeof type === 'string' ? type : 'update.published',
    timestamp: new Date(key.at).toISOString(),
    data: {
      ...facts,
      text: draft.text,
      ...(draft.subject === undefined ? {} : { subject: draft.subject }),
      ...(draft.link === undefined ? {} : { link: draft.link }),
      ...(draft.language === undefined ? {} : { language: draft.language }),
    },
  });
}

const disabled = () =>
  new ChannelError(
    'rejected',
    `${NETWORK} says it is gone for good (410). Remove this connection or enter its new address.`,
    {
      status: 410,
      code: 'disabled',
    },
  );

function signerOf(secret: string): Webhook {
  try {
    return new Webhook(secret);
  } catch {
    throw new ChannelError(
      'auth',
      'Signing secret: enter whsec_ and the bytes in base64, as the receiver has it.',
      {
        code: 'bad_secret',
      },
    );
  }
}

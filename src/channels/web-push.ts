import type { Abilities, Limits } from '../domain/channel.ts';
import { failureOfAnswer, recordOf, textOf } from './classify.ts';
import { type Channel, ChannelError, type ChannelKind, type GuardedResponse } from './contract.ts';
import { RecipientError } from './recipient-error.ts';
import { payloadOf, readSubscription, requestFor, topicOf, vapidOf } from './web-push-message.ts';
import { wordsOnly } from './words-only.ts';

const NETWORK = 'The push service';
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
  withoutPictures: 'a notification has no room for it; it opens the page, where the picture is',
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
    return new RecipientError(
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
  const wrongKey = `The push service did not accept our key for this subscription (${status}). It was made with another key; the browser has to subscribe again.`;
  if (ofKeys && isSubscriber) return new RecipientError(wrongKey, { status, code: 'vapid' });
  if (ofKeys) return new ChannelError('auth', wrongKey, { status, code: 'vapid' });
  if (isSubscriber && table.failure === 'limited')
    return new ChannelError('unsent', table.message, {
      status,
      code: table.code,
      retryAfterMs: table.retryAfterMs,
    });
  return table;
}

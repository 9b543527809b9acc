import t from 'tap';
import { bluesky } from '../../src/channels/bluesky.ts';
import { mastodon } from '../../src/channels/mastodon.ts';
import { webhook } from '../../src/channels/webhook.ts';
import { x } from '../../src/channels/x.ts';
import { channelContract } from './contract.ts';
import { draftOf, keyOf, never } from './stand-in.ts';

const { editWindowMs, ...unedited } = x.can;
const { idempotentMs, ...forgetful } = mastodon.can;

// Most of the time goes by in waiting for answers that do not come.
t.jobs = 5;

t.test('x', async (t) =>
  channelContract(t, {
    spec: { network: 'x' },
    account: /^@northwindpay$/,
    limits: x.limits,
    can: { ...unedited, edit: 'none' }, // The account has no subscription.
    windowMs: 15 * 60_000,
    async exhaust(stand) {
      for (;;) await stand.channel.publish(draftOf(), keyOf(stand), never);
    },
  }),
);

t.test('mastodon', async (t) =>
  channelContract(t, {
    spec: { network: 'mastodon' },
    account: /^@northwindpay@127\.0\.0\.1:\d+$/,
    limits: mastodon.limits,
    can: mastodon.can,
    openReads: true,
    windowMs: 5 * 60_000,
    async exhaust(stand) {
      for (;;) await stand.channel.publish(draftOf(), keyOf(stand), never);
    },
  }),
);

t.test('mastodon on GoToSocial', async (t) =>
  channelContract(t, {
    spec: { network: 'mastodon', options: { software: 'gotosocial' } },
    account: /^@northwindpay@127\.0\.0\.1:\d+$/,
    limits: { unit: 'codepoints', max: 5000, pictures: mastodon.limits.pictures! },
    can: { ...forgetful, idempotent: 'none' },
    openReads: true,
  }),
);

t.test('bluesky', async (t) =>
  channelContract(t, {
    spec: { network: 'bluesky' },
    account: /^@northwindpay\.test$/,
    limits: bluesky.limits,
    can: bluesky.can,
    openReads: true,
    windowMs: 5 * 60_000,
    async exhaust(stand) {
      // Logging in is what Bluesky counts first.
      for (;;) await stand.reopen({ session: '' }).verify(never);
    },
  }),
);

t.test('webhook', async (t) =>
  channelContract(t, {
    spec: { network: 'webhook' },
    account: /^127\.0\.0\.1:\d+$/,
    limits: webhook.limits,
    can: webhook.can,
  }),
);

import t from 'tap';
import { discourse } from '../../src/channels/discourse.ts';
import { reddit } from '../../src/channels/reddit.ts';
import { channelContract } from './contract.ts';
import { draftOf, keyOf, never, type Stand } from './stand-in.ts';

// Most of the time goes by in waiting for answers that do not come.
t.jobs = 4;

/** Publishes until the network has had enough. */
async function tooMuch(stand: Stand): Promise<never> {
  for (let i = 0; ; i++) await stand.channel.publish(draftOf(), keyOf(stand, `dlv_${i}`), never);
}

t.test('discourse', async (t) =>
  channelContract(t, {
    spec: { network: 'discourse' },
    account: /^@northwindpay on 127\.0\.0\.1:\d+$/,
    limits: discourse.limits,
    can: discourse.can,
    remembers: true,
    inboundSecrets: ['webhookSecret'],
    windowMs: 60_000,
    exhaust: tooMuch,
  }),
);

t.test('reddit', async (t) =>
  channelContract(t, {
    spec: { network: 'reddit' },
    account: /^u\/northwindpay$/,
    limits: reddit.limits,
    can: reddit.can,
    tells: 'handles',
    windowMs: 9 * 60_000,
    exhaust: tooMuch,
  }),
);

import t from 'tap';
import { facebook } from '../../src/channels/facebook.ts';
import { linkedin } from '../../src/channels/linkedin.ts';
import { threads } from '../../src/channels/threads.ts';
import { channelContract } from './contract.ts';
import { draftOf, keyOf, never } from './stand-in.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

// Most of the time goes by in waiting for answers that do not come.
t.jobs = 5;

t.test('facebook', async (t) =>
  channelContract(t, {
    spec: { network: 'facebook', options: { calls: 60 } },
    account: /^Northwind Pay$/,
    limits: facebook.limits,
    can: facebook.can,
    waitStepMs: MINUTE,
    tells: 'names',
    windowMs: DAY,
    async exhaust(stand) {
      for (;;) await stand.channel.publish(draftOf(), keyOf(stand), never);
    },
  }),
);

t.test('linkedin', async (t) =>
  channelContract(t, {
    spec: { network: 'linkedin' },
    account: /^Northwind Pay$/,
    limits: linkedin.limits,
    can: { ...linkedin.can, inbound: 'poll' }, // This app has no secret.
    tells: 'ids',
    bodiless: true,
  }),
);

t.test('threads', async (t) =>
  channelContract(t, {
    spec: { network: 'threads' },
    account: /^@northwindpay$/,
    limits: threads.limits,
    can: { ...threads.can, inbound: 'poll' }, // This app has no secret.
    tells: 'handles',
    silentLimit: true,
  }),
);

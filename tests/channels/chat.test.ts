import t from 'tap';
import { telegram } from '../../src/channels/telegram.ts';
import { channelContract } from './contract.ts';
import { draftOf, keyOf, never } from './stand-in.ts';

// Most of the time goes by in waiting for answers that do not come.
t.jobs = 6;

t.test('telegram', async (t) =>
  channelContract(t, {
    spec: { network: 'telegram' },
    account: /^@northwindpay$/,
    limits: telegram.limits,
    can: telegram.can,
    dead: [403, 404],
    windowMs: 60_000,
    async exhaust(stand) {
      for (;;) await stand.channel.publish(draftOf(), keyOf(stand), never);
    },
  }),
);

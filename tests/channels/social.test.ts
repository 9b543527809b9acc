import t from 'tap';
import { facebook } from '../../src/channels/facebook.ts';
import { instagram } from '../../src/channels/instagram.ts';
import { linkedin } from '../../src/channels/linkedin.ts';
import { threads } from '../../src/channels/threads.ts';
import { channelContract } from './contract.ts';
import { connect, draftOf, failureOf, keyOf, never } from './stand-in.ts';

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

t.test('instagram', async (t) =>
  channelContract(t, {
    spec: { network: 'instagram' },
    account: /^@northwindpay$/,
    limits: instagram.limits,
    can: { ...instagram.can, inbound: 'poll' }, // This app has no secret.
    tells: 'handles',
    waitStepMs: MINUTE,
    pictured: true,
  }),
);

t.test('no credential is in an error, a receipt or an address, whatever the network says', async (t) => {
  const options = { refresh: true, webhooks: true };
  for (const network of ['facebook', 'linkedin', 'threads', 'instagram']) {
    const stand = await connect(t, { network, options }, { rates: 'open' });
    const secrets = Object.values(stand.account.secrets);
    const words: string[] = [];
    const heard = (value: unknown) => {
      const error = value instanceof Error ? `${value.message} ${value.stack} ${value.cause}` : '';
      words.push(`${error} ${JSON.stringify(value)}`);
    };
    const root = await stand.channel.publish(draftOf(), keyOf(stand, 'root'), never);
    heard(root);
    heard(await stand.channel.read!(root, never));
    heard(await stand.channel.publish(draftOf({ inReplyTo: root }), keyOf(stand, 'answer'), never));
    heard(await stand.channel.verify(never));
    await stand.hear(`@${stand.account.handle} hello`);
    heard(await stand.channel.poll!(null, never));
    // Some networks quote a token that they cannot read.
    const wrong = `${stand.values['accessToken']}typo`;
    const broken = stand.reopen({ accessToken: wrong, refreshToken: '' });
    secrets.push(wrong);
    heard(await failureOf(broken.publish(draftOf(), keyOf(stand, 'wrong'), never)));
    heard(await failureOf(broken.verify(never)));
    heard(await failureOf(broken.find!(draftOf(), keyOf(stand), never)));
    for (const kind of ['drop_after', 'redirect', 'html_200', 'expired_token', 'status'] as const)
      for (const operation of ['publish', 'prepare', 'find', 'read', 'poll', 'verify', 'session'] as const) {
        stand.sim.world.faults.set([{ kind, code: 400, network, operation }]);
        const calls = [
          () => stand.channel.publish(draftOf(), keyOf(stand, `${kind} ${operation}`), never),
          () => stand.channel.find!(draftOf(), keyOf(stand), never),
          () => stand.channel.read!(root, never),
          () => stand.channel.poll!(null, never),
          () => stand.reopen().verify(never),
        ];
        for (const call of calls) heard(await call().catch((error: unknown) => error));
      }
    for (const secret of secrets)
      t.notOk(
        words.some((one) => one.includes(secret)),
        network,
      );
    const addresses = stand.sent
      .filter((one) => !one.url.includes('/refresh_access_token?'))
      .map((one) => one.url);
    t.ok(addresses.length > 0);
    for (const secret of secrets)
      t.notOk(
        addresses.some((url) => url.includes(secret)),
        `${network}: address`,
      );
  }
});

import t from 'tap';
import { email } from '../../src/channels/email.ts';
import { sms } from '../../src/channels/sms.ts';
import { webPush } from '../../src/channels/web-push.ts';
import { whatsapp } from '../../src/channels/whatsapp.ts';
import { channelContract } from './contract.ts';
import type { Wire } from './contract-claims.ts';
import { draftOf, keyOf, never, type Stand, TIMEOUT_MS } from './stand-in.ts';

// Most of the time goes by in waiting for answers that do not come.
t.jobs = 6;

/** Publishes until the network has had enough. */
async function tooMuch(stand: Stand): Promise<never> {
  for (;;) await stand.channel.publish(draftOf(), keyOf(stand), never);
}

/** Mail servers say no in three digits of their own, and are silent only after the last dot. */
const SMTP: Wire = {
  refusals: [550, 552, 553, 554],
  busy: 450,
  away: 451,
  redirects: false,
  lost: [
    { fault: { kind: 'drop_after' }, there: true },
    { fault: { kind: 'delay', ms: TIMEOUT_MS * 3, after: true }, there: true },
    { fault: { kind: 'slow_body', ms: TIMEOUT_MS * 3 }, there: true },
    { fault: { kind: 'drop_before' }, there: false },
    { fault: { kind: 'html_200' }, there: false },
  ],
};

t.test('email', async (t) =>
  channelContract(t, {
    spec: { network: 'email' },
    account: /^status@northwind\.example$/,
    limits: email.limits,
    can: email.can,
    wire: SMTP,
    takesOrphans: true,
    exhaust: tooMuch,
  }),
);

t.test('sms', async (t) =>
  channelContract(t, {
    spec: { network: 'sms' },
    account: /^\+1555\d{7} \(Northwind Pay\)$/,
    limits: sms.limits,
    can: sms.can,
    unlinked: true,
    addressed: true,
    tells: 'ids',
    // Four segments of 153 letters, as joined messages have.
    longest: (end) => `${'x'.repeat(4 * 153 - end.length - 1)} ${end}`,
  }),
);

t.test('web_push', async (t) =>
  channelContract(t, {
    spec: { network: 'web_push' },
    account: /^ops@northwind\.example$/,
    limits: webPush.limits,
    can: webPush.can,
    dead: [403],
    bodiless: true,
  }),
);

t.test('whatsapp', async (t) =>
  channelContract(t, {
    spec: { network: 'whatsapp' },
    account: /^Northwind Pay \+1 555-000-6245$/,
    limits: whatsapp.limits,
    can: whatsapp.can,
    dead: [403],
    addressed: true,
    folds: true,
    silentLimit: true,
    exhaust: tooMuch,
  }),
);

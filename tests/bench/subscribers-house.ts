import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../db/open.ts';
import { bootName } from '../../db/store.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { connectAccount } from '../../src/actions/connect-account.ts';
import type { Actor, Ctx } from '../../src/actions/context.ts';
import { draftUpdate } from '../../src/actions/draft-update.ts';
import { openIncident } from '../../src/actions/open-incident.ts';
import { addPerson } from '../../src/actions/people.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { setUpPage } from '../../src/actions/set-up-page.ts';
import { importSubscribers } from '../../src/actions/subscribers/import.ts';
import { openGuardedFetch } from '../../src/channels/guard.ts';
import { openChannels } from '../../src/connections.ts';
import { newId } from '../../src/ids.ts';
import { openLines } from '../../src/outbox/subscribers/lines.ts';
import { newKey, openSecrets } from '../../src/secrets.ts';
import { openSubscribers } from '../../src/subscribers.ts';

export const SENDER = 'Bench <status@bench.example>';

/** A page with many subscribers by mail, and a mail server at `smtp` to write to them through. */
export async function openSubscribersHouse(people: number, smtp: string) {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-bench-'));
  const boot = bootName(process.pid, 'bench');
  const store = await openStore({ file: join(folder, 'bench.db') }, boot);
  const secrets = openSecrets([newKey()]);
  const openTools = () => ({ ...openGuardedFetch({ allow: [smtp] }), now: Date.now });
  const channels = openChannels({ store, secrets, now: Date.now, baseUrl: 'http://127.0.0.1', openTools });
  const subscribers = openSubscribers({ store, secrets, channels, openTools, allow: [smtp], now: Date.now });
  const ctx = (actor: Actor): Ctx => ({
    store,
    now: Date.now,
    newId: () => newId(),
    auditHash: (text) => secrets.sign('audit', text),
    actor,
  });
  const cli = ctx({ kind: 'cli', id: 'bench', roles: [] });
  const page = await setUpPage(cli, { name: 'Bench', url: 'https://status.bench.example' });
  const id = newId();
  const { verified, settings, sealed, kind } = await channels.prepare('email', id, {
    server: smtp,
    from: SENDER,
  });
  await connectAccount(cli, {
    id,
    pageId: page.id,
    channel: 'email',
    name: 'Mail',
    role: 'status',
    settings,
    sealed,
    template: kind.template,
    verified,
  });
  await importSubscribers(cli, subscribers.locks, {
    pageId: page.id,
    kind: 'email',
    people: Array.from({ length: people }, (_, i) => ({ address: `person${i}@customer.example` })),
    basis: 'They were made up for a bench.',
  });
  const asPerson = async (role: 'author' | 'approver') => {
    const { id } = await addPerson(cli, { name: role, email: `${role}@bench.example`, roles: [role] });
    return ctx({ kind: 'person', id, roles: [role] });
  };
  const author = await asPerson('author');
  const approver = await asPerson('approver');
  return {
    store,
    ctx: cli,
    lines: () =>
      openLines({
        store,
        tick: () => ({ now: Date.now(), mono: Math.floor(performance.now()), boot }),
        newId: () => newId(),
        channelOf: channels.channelOf,
        report: (error) => {
          throw error;
        },
        requestMs: 10_000,
        failpoint: () => undefined,
        alert: () => undefined,
        recipients: subscribers.recipients,
      }),
    /** Publishes an update; how long the approval took, ms. */
    async publish(): Promise<number> {
      const incident = await openIncident(author, { pageId: page.id, title: 'Card payments fail' });
      const draft = await draftUpdate(author, incident.id, {
        blocks: {
          care: 'We are sorry: we know that shops and customers are waiting at the till.',
          known: 'Some card payments are failing. Bank transfers and refunds work.',
          doing: 'Moving all card payments to the route that works. Checking each pending payment.',
          action: 'Do not retry a payment that shows as pending: you could be charged twice.',
        },
        nextUpdateBy: Date.now() + 600_000,
      });
      const asked = await requestApproval(author, draft.id, draft.version);
      const start = performance.now();
      await approveUpdate(approver, draft.id, asked.hash ?? '');
      return performance.now() - start;
    },
    async close() {
      await subscribers.close();
      await channels.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

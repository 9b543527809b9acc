import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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
import { openGuardedFetch } from '../../src/channels/guard.ts';
import { openChannels } from '../../src/connections.ts';
import { newId } from '../../src/ids.ts';
import { openOutbox } from '../../src/outbox/outbox.ts';
import { newKey, openSecrets } from '../../src/secrets.ts';

/** A database, a receiver in a process of its own, and as many webhook connections to it as asked for. */
export async function openOutboxHouse(connections: number, answerMs: number, allow: readonly string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-bench-'));
  const peer = fork(fileURLToPath(new URL('slow-peer.ts', import.meta.url)), [String(answerMs)]);
  const [{ url }] = (await once(peer, 'message')) as [{ url: string }];
  const boot = bootName(process.pid, 'bench');
  const store = await openStore({ file: join(folder, 'bench.db') }, boot);
  const secrets = openSecrets([newKey()]);
  const channels = openChannels({
    store,
    secrets,
    now: Date.now,
    baseUrl: 'http://127.0.0.1',
    openTools: () => ({ ...openGuardedFetch({ allow: [url, ...allow] }), now: Date.now }),
  });
  const ctx = (actor: Actor): Ctx => ({
    store,
    now: Date.now,
    newId: () => newId(),
    auditHash: (text) => secrets.sign('audit', text),
    actor,
  });
  const cli = ctx({ kind: 'cli', id: 'bench', roles: [] });
  const page = await setUpPage(cli, { name: 'Bench', url: 'https://status.example' });
  const receivers: Record<string, string>[] = [];
  async function connect(address: string, i: number) {
    const id = newId();
    const values = { url: address, secret: `whsec_${Buffer.alloc(32, i + 1).toString('base64')}` };
    receivers.push(values);
    const { verified, settings, sealed, kind } = await channels.prepare('webhook', id, values);
    await connectAccount(cli, {
      id,
      pageId: page.id,
      channel: 'webhook',
      name: `Receiver ${i}`,
      role: 'status',
      settings,
      sealed,
      template: kind.template,
      verified,
    });
    return id;
  }
  for (let i = 0; i < connections; i += 1) await connect(`${url}/${i}`, i);
  const asPerson = async (role: 'author' | 'approver') => {
    const email = `${role}@company.example`;
    const { id } = await addPerson(cli, { name: role, email, roles: [role] });
    return ctx({ kind: 'person', id, roles: [role] });
  };
  const author = await asPerson('author');
  const approver = await asPerson('approver');
  return {
    url,
    store,
    receivers,
    /** Connects one more receiver, at an address of its own. */
    connect: (address: string) => connect(address, receivers.length),
    outbox: () =>
      openOutbox({
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
      }),
    /** An incident with one update that only waits for its approval. */
    async readyToApprove() {
      const incident = await openIncident(author, { pageId: page.id, title: 'Slow' });
      const draft = await draftUpdate(author, incident.id, {
        blocks: { known: 'Something is slow.' },
        nextUpdateBy: Date.now() + 600_000,
      });
      const asked = await requestApproval(author, draft.id, draft.version);
      return { updateId: draft.id, approve: () => approveUpdate(approver, draft.id, asked.hash ?? '') };
    },
    async close() {
      await channels.close();
      await store.close();
      peer.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

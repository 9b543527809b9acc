import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openStore } from '../../db/open.ts';
import { listDeliveriesOfUpdates } from '../../db/queries/deliveries.ts';
import { bootName, type Store } from '../../db/store.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { connectAccount } from '../../src/actions/connect-account.ts';
import type { Actor, Ctx } from '../../src/actions/context.ts';
import { draftUpdate } from '../../src/actions/draft-update.ts';
import { openIncident } from '../../src/actions/open-incident.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { setUpPage } from '../../src/actions/set-up-page.ts';
import { openGuardedFetch } from '../../src/channels/guard.ts';
import { openChannels } from '../../src/connections.ts';
import { newId } from '../../src/ids.ts';
import { openOutbox } from '../../src/outbox/outbox.ts';
import { newKey, openSecrets } from '../../src/secrets.ts';

const CONNECTIONS = 20;
const SLOW_MS = 200;
const ROUNDS = 5;

/** Twenty accounts that each take 200 ms to answer: all of them together against the slowest one alone. */
export async function fanout(): Promise<{ wall_ms: number; slowest_ms: number; ratio: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-fanout-'));
  const peer = fork(fileURLToPath(new URL('slow-peer.ts', import.meta.url)), [String(SLOW_MS)]);
  const [{ url }] = (await once(peer, 'message')) as [{ url: string }];
  const boot = bootName(process.pid, 'fanout');
  const store = await openStore({ file: join(folder, 'bench.db') }, boot);
  const secrets = openSecrets([newKey()]);
  const channels = openChannels({
    store,
    secrets,
    now: Date.now,
    openTools: () => ({ ...openGuardedFetch({ allow: [url] }), now: Date.now }),
  });
  const ctx = (actor: Actor): Ctx => ({
    store,
    now: Date.now,
    newId: () => newId(),
    auditHash: (text) => secrets.sign('audit', text),
    actor,
  });
  const page = await setUpPage(ctx({ kind: 'cli', id: 'bench', roles: [] }), {
    name: 'Bench',
    url: 'https://status.example',
  });
  for (let i = 0; i < CONNECTIONS; i += 1) {
    const id = newId();
    const values = { url: `${url}/${i}`, secret: `whsec_${Buffer.alloc(32, i + 1).toString('base64')}` };
    const { verified, settings, sealed, kind } = await channels.prepare('webhook', id, values);
    await connectAccount(ctx({ kind: 'cli', id: 'bench', roles: [] }), {
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
  }
  const outbox = openOutbox({
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
  });
  try {
    const walls: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) walls.push(await oneRound(store, ctx, page.id));
    // The baseline is one request to the same peer, alone, in the same run.
    const slowest = await timeOne(`${url}/alone`);
    const wall = walls.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
    return {
      wall_ms: round1(wall),
      slowest_ms: round1(slowest),
      ratio: Math.round((wall / slowest) * 1_000) / 1_000,
    };
  } finally {
    await outbox.close();
    await channels.close();
    await store.close();
    peer.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function oneRound(store: Store, ctx: (actor: Actor) => Ctx, pageId: string): Promise<number> {
  const author = ctx({ kind: 'person', id: 'author', roles: ['author'] });
  const approver = ctx({ kind: 'person', id: 'approver', roles: ['approver'] });
  const incident = await openIncident(author, { pageId, title: 'Slow' });
  const draft = await draftUpdate(author, incident.id, {
    blocks: { known: 'Something is slow.' },
    nextUpdateBy: Date.now() + 600_000,
  });
  const asked = await requestApproval(author, draft.id, draft.version);
  const start = performance.now();
  await approveUpdate(approver, draft.id, asked.hash ?? '');
  await new Promise<void>((done) => {
    const off = store.onHint(async () => {
      const rows = await listDeliveriesOfUpdates(store.read, [draft.id]);
      if (rows.length === CONNECTIONS && rows.every((d) => d.state === 'delivered')) {
        off();
        done();
      }
    });
  });
  return performance.now() - start;
}

async function timeOne(url: string): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < ROUNDS; i += 1) {
    const start = performance.now();
    await (await fetch(url, { method: 'POST', body: '{}' })).text();
    times.push(performance.now() - start);
  }
  return Math.max(...times);
}

const round1 = (n: number) => Math.round(n * 10) / 10;

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import websocket from '@fastify/websocket';
import Fastify, { type FastifyInstance } from 'fastify';
import { openStore } from '../../db/open.ts';
import { bootName, type Store } from '../../db/store.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import type { Actor, Ctx } from '../../src/actions/context.ts';
import { draftUpdate, type UpdateWords } from '../../src/actions/draft-update.ts';
import { openIncident } from '../../src/actions/open-incident.ts';
import { addPerson } from '../../src/actions/people.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { addComponent, setUpPage } from '../../src/actions/set-up-page.ts';
import { newId } from '../../src/ids.ts';
import { type Live, openLive } from '../../src/live/live.ts';
import { newKey, openSecrets } from '../../src/secrets.ts';
import { programs } from '../../src/server/programs.ts';
import { publicPages } from '../../src/server/public.ts';
import { tellStories } from '../stories.ts';

/** A page with an open incident, on a database of its own, served as in production. */
export interface BenchHouse {
  app: FastifyInstance;
  live: Live;
  store: Store;
  /** Writes an update and asks for its approval; the returned function says yes. */
  prepare(words: string): Promise<() => Promise<unknown>>;
  /** Writes so many ended incidents, an hour apart, into the page's past. */
  tellStories(count: number): Promise<void>;
  close(): Promise<void>;
}

const HOUR = 3_600_000;
const PARTS = ['Card payments', 'Bank transfers', 'Refunds', 'Dashboard', 'API', 'Webhooks'];

export async function openBenchHouse(): Promise<BenchHouse> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-bench-'));
  const store = await openStore({ file: join(folder, 'bench.db') }, bootName(process.pid, 'bench'));
  const secrets = openSecrets([newKey()]);
  const ctx = (actor: Actor): Ctx => ({
    store,
    now: Date.now,
    newId: () => newId(),
    auditHash: (text) => secrets.sign('audit', text),
    actor,
  });
  const cli = ctx({ kind: 'cli', id: 'bench', roles: [] });
  const asPerson = async (role: 'author' | 'approver') => {
    const email = `${role}@company.example`;
    const { id } = await addPerson(cli, { name: role, email, roles: [role] });
    return ctx({ kind: 'person', id, roles: [role] });
  };
  const author = await asPerson('author');
  const approver = await asPerson('approver');
  const page = await setUpPage(cli, { name: 'Northwind Pay', url: 'https://status.northwind.example' });
  for (const name of PARTS) await addComponent(cli, page.id, { name, group: 'Payments' });
  const incident = await openIncident(author, { pageId: page.id, title: 'Card payments fail' });
  const live = await openLive({
    store,
    now: Date.now,
    report: (error) => {
      throw error;
    },
    limits: { sockets: 30_000, perAddress: 30_000 },
  });
  const app = Fastify();
  await app.register(publicPages, { live });
  await app.register(programs, { live });
  // In a scope of its own, as in the server: its hooks are not for readers.
  await app.register(async (inner) => {
    await inner.register(websocket, { options: { maxPayload: 4_096, perMessageDeflate: false } });
  });

  async function prepare(known: string) {
    const words: UpdateWords = {
      blocks: {
        care: 'We are sorry: we know that shops and customers are waiting at the till.',
        known,
        unknown: 'When every card payment will work again.',
        doing: 'Moving all card payments to the route that works. Checking each pending payment.',
        action: 'Do not retry a payment that shows as pending: you could be charged twice.',
      },
      nextUpdateBy: Date.now() + 20 * 60_000,
    };
    const draft = await draftUpdate(author, incident.id, words);
    const asked = await requestApproval(author, draft.id, draft.version);
    return () => approveUpdate(approver, draft.id, asked.hash ?? '');
  }
  const first = await prepare('Some card payments are failing. Bank transfers and refunds work.');
  await first();
  await live.settled();
  return {
    app,
    live,
    store,
    prepare,
    async tellStories(count) {
      const [update] = await store.read.sql.select().from(store.read.t.updates).limit(1);
      if (!update) throw new Error('there is no update to copy');
      const base = Date.now() - (count + 2) * HOUR;
      const stories = Array.from({ length: count }, (_, i) => {
        const at = base + i * HOUR;
        return { id: newId(at), at, endedAt: at + HOUR / 2 };
      });
      await tellStories(store, { incident, update }, stories);
    },
    async close() {
      await live.close();
      await app.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

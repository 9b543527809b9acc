import { eq } from 'drizzle-orm';
import { getUpdate } from '../../db/queries/incidents.ts';
import type { Store } from '../../db/store.ts';
import { newId } from '../../src/ids.ts';
import { ask, type House, openHouse, sayYes } from '../desk/house.ts';
import type { Visitor } from '../visitor.ts';

const HOUR = 3_600_000;
const NETWORKS = ['mastodon', 'x', 'bluesky', 'facebook', 'linkedin', 'telegram', 'discord', 'slack'];
const BATCH = 250;

export interface DeskHouse {
  house: House;
  author: Visitor;
  approver: Visitor;
  /** Paths of the main screens, as somebody in an outage has them open. */
  screens: Record<string, string>;
}

/** A desk with so many ended incidents behind it, each told on eight networks, and five that are going on. */
export async function openDeskHouse(incidents: number): Promise<DeskHouse> {
  const house = await openHouse();
  for (const channel of NETWORKS) await house.plug(channel, channel);
  const author = await house.enter(house.dana);
  const approver = await house.enter(house.marcus);
  const model = await ask(author, {}, 'Card payments failing');
  await sayYes(approver, model);
  await arrive(house.app.store, model);
  await tellStories(house.app.store, model, incidents);
  const said: string[] = [];
  for (let i = 0; i < 5; i += 1) {
    const id = await ask(author, {}, `Outage number ${i}`);
    await sayYes(approver, id);
    said.push(id);
  }
  const now = await getUpdate(house.app.store.read, said[0]!);
  const waiting = await ask(author, {}, 'Refunds slow');
  const draft = await author.post(`/desk/incidents/${now.incidentId}/updates`, {});
  return {
    house,
    author,
    approver,
    screens: {
      board: '/desk',
      incidents: '/desk/incidents',
      incident: `/desk/incidents/${now.incidentId}`,
      composer: draft.to,
      approvals: '/desk/approvals',
      approve: `/desk/approvals/${waiting}`,
      deliveries: `/desk/updates/${now.id}/deliveries`,
      inbox: '/desk/inbox',
      networks: '/desk/connections',
      report: `/desk/incidents/${now.incidentId}/report`,
    },
  };
}

/** Every network shows it: what queues that stand still would have come to. */
async function arrive(store: Store, updateId: string): Promise<void> {
  await store.transact(async (w) => {
    const { deliveries: d, receipts } = w.t;
    const now = Date.now();
    for (const row of await w.sql.select().from(d).where(eq(d.updateId, updateId)))
      await w.sql.insert(receipts).values({
        deliveryId: row.id,
        remoteId: row.id,
        url: null,
        raw: {},
        proof: 'read',
        textRead: 'Some card payments fail since 14:09 UTC. We are looking into why.',
        readAt: now,
        acceptedAt: now,
      });
    await w.sql.update(d).set({ state: 'delivered', doneAt: now }).where(eq(d.updateId, updateId));
  });
}

/** Writes so many ended incidents, an hour apart, into the past: copies of one, with all that belongs to it. */
async function tellStories(store: Store, updateId: string, count: number): Promise<void> {
  const { sql, t } = store.read;
  const update = await getUpdate(store.read, updateId);
  const about = { update: updateId, incident: update.incidentId };
  const [incident] = await sql.select().from(t.incidents).where(eq(t.incidents.id, about.incident));
  const renditions = await sql.select().from(t.renditions).where(eq(t.renditions.updateId, about.update));
  const deliveries = await sql.select().from(t.deliveries).where(eq(t.deliveries.updateId, about.update));
  const approvals = await sql.select().from(t.approvals).where(eq(t.approvals.updateId, about.update));
  const promises = await sql.select().from(t.promises).where(eq(t.promises.incidentId, about.incident));
  const receipts = await sql.select().from(t.receipts);
  const events = await sql.select().from(t.events).where(eq(t.events.incidentId, about.incident));
  if (!incident) throw new Error('there is no incident to copy');
  const base = Date.now() - (count + 2) * HOUR;
  let seq = -(count + 1) * events.length;
  for (let from = 0; from < count; from += BATCH)
    await store.transact(
      async (w) => {
        for (let k = from; k < Math.min(count, from + BATCH); k += 1) {
          const at = base + k * HOUR;
          const id = newId(at);
          const own = (old: string) => `${id}${old}`;
          const ended = {
            status: 'resolved' as const,
            startedAt: at,
            publishedAt: at,
            resolvedAt: at + HOUR / 2,
          };
          await w.sql.insert(w.t.incidents).values({ ...incident, ...ended, id, createdAt: at });
          await w.sql.insert(w.t.updates).values({
            ...update,
            id: own(update.id),
            incidentId: id,
            status: 'resolved',
            publishedAt: at,
            publishedSeq: seq,
          });
          const mine = { updateId: own(update.id), incidentId: id };
          await w.sql
            .insert(w.t.renditions)
            .values(
              renditions.map((x) => ({ ...x, id: own(x.id), code: own(x.code), updateId: mine.updateId })),
            );
          await w.sql.insert(w.t.deliveries).values(
            deliveries.map((x) => ({
              ...x,
              ...mine,
              id: own(x.id),
              renditionId: own(x.renditionId),
              ord: seq,
            })),
          );
          await w.sql
            .insert(w.t.receipts)
            .values(
              receipts.map((x) => ({ ...x, deliveryId: own(x.deliveryId), remoteId: own(x.remoteId) })),
            );
          await w.sql
            .insert(w.t.approvals)
            .values(approvals.map((x) => ({ ...x, id: own(x.id), updateId: mine.updateId, at })));
          await w.sql.insert(w.t.promises).values(
            promises.map((x) => ({
              ...x,
              ...mine,
              id: own(x.id),
              state: 'kept' as const,
              settledAt: at,
              lateMs: 0,
            })),
          );
          await w.sql.insert(w.t.events).values(
            events.map((x) => {
              seq += 1;
              return { ...x, ...mine, seq, at };
            }),
          );
        }
      },
      { appends: false },
    );
}

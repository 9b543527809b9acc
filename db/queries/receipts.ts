import { and, asc, desc, eq, inArray, ne, sql } from 'drizzle-orm';
import { hot, placeholders } from '../hot.ts';
import type { Reader, Writer } from '../store.ts';
import type { Delivery } from './deliveries.ts';

export type Receipt = Reader['t']['receipts']['$inferSelect'];

/** The newest post of ours that a connection's network has taken and not been told to remove, with its proof. */
export async function findNewestReceipt(
  r: Reader,
  connectionId: string,
): Promise<{ delivery: Delivery; receipt: Receipt } | undefined> {
  const { deliveries: d, receipts: x } = r.t;
  const [row] = await r.sql
    .select({ delivery: d, receipt: x })
    .from(d)
    .innerJoin(x, eq(x.deliveryId, d.id))
    .where(and(eq(d.connectionId, connectionId), eq(d.recipient, ''), ne(d.op, 'remove')))
    .orderBy(desc(d.ord), asc(d.part))
    .limit(1);
  return row;
}

/** Posts of an incident on one connection that the network has taken, oldest first: what a follow-up answers. */
export async function listPosted(
  r: Reader,
  incidentId: string,
  connectionId: string,
): Promise<{ delivery: Delivery; receipt: Receipt }[]> {
  const { deliveries: d, receipts: x } = r.t;
  return hot(r, 'listPosted', { incidentId, connectionId }, () =>
    r.sql
      .select({ delivery: d, receipt: x })
      .from(d)
      .innerJoin(x, eq(x.deliveryId, d.id))
      .where(
        and(
          eq(d.incidentId, sql.placeholder('incidentId')),
          eq(d.connectionId, sql.placeholder('connectionId')),
          eq(d.recipient, ''),
        ),
      )
      .orderBy(asc(d.ord), asc(d.part)),
  );
}

/** What the network has taken of the part that comes right before this one in a thread. */
export const findPartBefore = async (r: Reader, d: Delivery): Promise<Receipt | undefined> =>
  (await listPosted(r, d.incidentId, d.connectionId)).find(
    ({ delivery: p }) => p.updateId === d.updateId && p.op === 'publish' && p.part === d.part - 1,
  )?.receipt;

/** Keeps the proof of a delivery; what is already known of it stays unless the new proof says more. */
export async function recordReceipt(w: Writer, receipt: Receipt): Promise<void> {
  const { receipts: x } = w.t;
  await hot(w, 'recordReceipt', receipt, () => {
    const { deliveryId: _, acceptedAt: __, ...known } = placeholders(receipt);
    return w.sql
      .insert(x)
      .values(placeholders(receipt))
      .onConflictDoUpdate({ target: x.deliveryId, set: known });
  });
}

/** What it proved is not so: the post that it names is not there. Returns the proof that stood. */
export async function removeReceipt(w: Writer, deliveryId: string): Promise<Receipt | undefined> {
  const { receipts: x } = w.t;
  const [row] = await w.sql.delete(x).where(eq(x.deliveryId, deliveryId)).returning();
  return row;
}

export async function findReceipt(r: Reader, deliveryId: string): Promise<Receipt | undefined> {
  const { receipts: x } = r.t;
  const [row] = await hot(r, 'findReceipt', { deliveryId }, () =>
    r.sql
      .select()
      .from(x)
      .where(eq(x.deliveryId, sql.placeholder('deliveryId'))),
  );
  return row;
}

export async function listReceipts(r: Reader, deliveryIds: readonly string[]): Promise<Receipt[]> {
  if (deliveryIds.length === 0) return [];
  const { receipts: x } = r.t;
  return r.sql
    .select()
    .from(x)
    .where(inArray(x.deliveryId, [...deliveryIds]));
}

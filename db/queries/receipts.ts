import { and, asc, desc, eq, ne } from 'drizzle-orm';
import type { Reader } from '../store.ts';
import type { Delivery, Receipt } from './deliveries.ts';

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

import { asc, desc, eq, inArray, sql } from 'drizzle-orm';
import { hot, placeholders, shapeOf } from '../hot.ts';
import type { Reader, Writer } from '../store.ts';

export type Attempt = Reader['t']['attempts']['$inferSelect'];

/** When anything was last tried on a connection, ms; null is never. */
export async function findLastTryAt(r: Reader, connectionId: string): Promise<number | null> {
  const { attempts: a, deliveries: d } = r.t;
  const [row] = await r.sql
    .select({ at: a.startedAt })
    .from(a)
    .innerJoin(d, eq(d.id, a.deliveryId))
    .where(eq(d.connectionId, connectionId))
    .orderBy(desc(a.id))
    .limit(1);
  return row?.at ?? null;
}

export async function insertAttempt(w: Writer, attempt: Attempt): Promise<void> {
  await hot(w, 'insertAttempt', attempt, () => w.sql.insert(w.t.attempts).values(placeholders(attempt)));
}

export async function endAttempt(
  w: Writer,
  id: string,
  end: Pick<Attempt, 'endedAt' | 'outcome' | 'code' | 'status' | 'message'>,
): Promise<void> {
  const { attempts: a } = w.t;
  await hot(w, `endAttempt:${shapeOf(end)}`, { ...end, attemptId: id }, () =>
    w.sql
      .update(a)
      .set(placeholders(end))
      .where(eq(a.id, sql.placeholder('attemptId'))),
  );
}

export async function listAttempts(r: Reader, deliveryIds: readonly string[]): Promise<Attempt[]> {
  if (deliveryIds.length === 0) return [];
  const { attempts: a } = r.t;
  return r.sql
    .select()
    .from(a)
    .where(inArray(a.deliveryId, [...deliveryIds]))
    .orderBy(asc(a.id));
}

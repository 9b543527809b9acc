import {
  and,
  asc,
  eq,
  exists,
  inArray,
  isNotNull,
  isNull,
  lt,
  notExists,
  notInArray,
  or,
  sql,
} from 'drizzle-orm';
import { isTerminal } from '../../src/domain/delivery.ts';
import { idStart } from '../../src/domain/id-time.ts';
import { DELIVERY_STATES, type MentionState } from '../../src/domain/words.ts';
import type { Reader, Writer } from '../store.ts';

/** What has been kept long enough. Nothing here touches an incident that is open, or ended a shorter time ago. */

const OVER = DELIVERY_STATES.filter(isTerminal);
const CLOSED: readonly MentionState[] = ['answered', 'answered_by_broadcast', 'no_reply_needed'];
/** Stands in a delivery in the place of whoever got it. */
const NOBODY = 'forgotten';

/** What people said, and was dealt with, before a moment; with nothing of our answers still on its way. */
export async function listOldMentions(r: Reader, before: number, limit: number): Promise<string[]> {
  const { mentions: m, replies, deliveries: d, incidents: i } = r.t;
  const rows = await r.sql
    .select({ id: m.id })
    .from(m)
    .leftJoin(i, eq(i.id, m.incidentId))
    .where(
      and(
        inArray(m.state, [...CLOSED]),
        // In the index, and an hour at most after it was said.
        lt(m.dueAt, before),
        lt(m.settledAt, before),
        or(isNull(i.id), lt(i.resolvedAt, before)),
        notExists(
          r.sql
            .select({ one: sql`1` })
            .from(replies)
            .innerJoin(d, eq(d.updateId, replies.id))
            .where(and(eq(replies.mentionId, m.id), notInArray(d.state, OVER))),
        ),
      ),
    )
    .orderBy(asc(m.dueAt))
    .limit(limit);
  return rows.map((row) => row.id);
}

/**
 * Forgets what these people said, our answers, and whom they were sent to. That an answer was delivered, and the
 * network's receipt for it, stay.
 */
export async function forgetMentions(w: Writer, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const { mentions: m, replies, deliveries: d, attempts: a } = w.t;
  const answers = w.sql
    .select({ id: replies.id })
    .from(replies)
    .where(inArray(replies.mentionId, [...ids]));
  const sent = w.sql.select({ id: d.id }).from(d).where(inArray(d.updateId, answers));
  await w.sql.delete(a).where(inArray(a.deliveryId, sent));
  await w.sql.update(d).set({ recipient: NOBODY, reason: null }).where(inArray(d.updateId, answers));
  await w.sql.delete(m).where(inArray(m.id, [...ids]));
}

/** Forgets alerts about people who wait, which name them. Returns how many. */
export async function deleteOldAlerts(w: Writer, before: number, limit: number): Promise<number> {
  const { alerts: a } = w.t;
  const some = w.sql
    .select({ id: a.id })
    .from(a)
    .where(
      and(
        inArray(a.kind, ['mention', 'second']),
        lt(a.id, idStart(before)),
        lt(a.raisedAt, before),
        isNotNull(a.sentAt),
      ),
    )
    .orderBy(asc(a.id))
    .limit(limit);
  const rows = await w.sql.delete(a).where(inArray(a.id, some)).returning({ id: a.id });
  return rows.length;
}

/** Forgets single tries of deliveries that have ended. What came of each stays, and its receipt. Returns how many. */
export async function deleteOldAttempts(w: Writer, before: number, limit: number): Promise<number> {
  const { attempts: a, deliveries: d, incidents: i } = w.t;
  const ended = w.sql
    .select({ one: sql`1` })
    .from(d)
    .leftJoin(i, eq(i.id, d.incidentId))
    .where(
      and(
        eq(d.id, a.deliveryId),
        inArray(d.state, OVER),
        lt(d.updatedAt, before),
        or(isNull(i.id), lt(i.resolvedAt, before)),
      ),
    );
  const some = w.sql
    .select({ id: a.id })
    .from(a)
    .where(and(lt(a.id, idStart(before)), lt(a.startedAt, before), exists(ended)))
    .orderBy(asc(a.id))
    .limit(limit);
  const rows = await w.sql.delete(a).where(inArray(a.id, some)).returning({ id: a.id });
  return rows.length;
}

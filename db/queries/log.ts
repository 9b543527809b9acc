import { and, asc, desc, eq, gt, inArray, lte, max } from 'drizzle-orm';
import { hot, placeholders } from '../hot.ts';
import type { Reader, Writer } from '../store.ts';

export type EventRow = Reader['t']['events']['$inferSelect'];
export type AuditRow = Reader['t']['audit']['$inferSelect'];
export type NewEvent = Omit<EventRow, 'seq'>;

/** Appends to the log, in order. Returns the seq of each; together with the transaction they leave no gap. */
export async function appendEvents(w: Writer, fresh: readonly NewEvent[]): Promise<number[]> {
  if (fresh.length === 0) return [];
  if (!w.mayAppend) throw new Error('this transaction was opened with appends: false');
  const first = (await lastSeq(w)) + 1;
  const rows = fresh.map((e, i) => ({ ...e, seq: first + i }));
  for (const row of rows)
    await hot(w, 'insertEvent', row, () => w.sql.insert(w.t.events).values(placeholders(row)));
  w.noteAppend();
  return rows.map((r) => r.seq);
}

/** Seq of the newest event; 0 when there is none. */
export async function lastSeq(r: Reader): Promise<number> {
  const [row] = await hot(r, 'lastSeq', {}, () =>
    r.sql.select({ seq: max(r.t.events.seq) }).from(r.t.events),
  );
  return row?.seq ?? 0;
}

/** Events after a cursor, oldest first; the public ones of one page, or all of them. */
export async function listEventsAfter(
  r: Reader,
  after: number,
  limit: number,
  only?: { pageId: string; public: true },
): Promise<EventRow[]> {
  const { events } = r.t;
  return r.sql
    .select()
    .from(events)
    .where(
      and(gt(events.seq, after), ...(only ? [eq(events.pageId, only.pageId), eq(events.public, true)] : [])),
    )
    .orderBy(asc(events.seq))
    .limit(limit);
}

/** Newest events first, for a timeline. */
export async function listIncidentEvents(r: Reader, incidentId: string, limit: number): Promise<EventRow[]> {
  const { events } = r.t;
  return r.sql
    .select()
    .from(events)
    .where(eq(events.incidentId, incidentId))
    .orderBy(desc(events.seq))
    .limit(limit);
}

export const AUDIT_START = '0'.repeat(64);

/** What an audit row's hash is taken of: every field, as one string, with the hash before it. */
export function auditText(row: Omit<AuditRow, 'hash'>): string {
  return JSON.stringify([
    row.seq,
    row.at,
    row.actorKind,
    row.actorId,
    row.action,
    row.subjectKind,
    row.subjectId,
    row.detail,
    row.prevHash,
  ]);
}

/** Appends one audit row to the chain; `hash` is an HMAC with the installation's key. */
export async function appendAudit(
  w: Writer,
  entry: Omit<AuditRow, 'seq' | 'prevHash' | 'hash'>,
  hash: (text: string) => string,
): Promise<AuditRow> {
  if (!w.mayAppend) throw new Error('this transaction was opened with appends: false');
  const [last] = await w.sql.select().from(w.t.audit).orderBy(desc(w.t.audit.seq)).limit(1);
  const unsigned = { ...entry, seq: (last?.seq ?? 0) + 1, prevHash: last?.hash ?? AUDIT_START };
  const row = { ...unsigned, hash: hash(auditText(unsigned)) };
  await w.sql.insert(w.t.audit).values(row);
  return row;
}

export async function listAudit(r: Reader, after: number, limit: number): Promise<AuditRow[]> {
  return r.sql
    .select()
    .from(r.t.audit)
    .where(gt(r.t.audit.seq, after))
    .orderBy(asc(r.t.audit.seq))
    .limit(limit);
}

/** The newest audit row: whoever keeps it elsewhere notices when rows are cut off the end. */
export async function findAuditHead(r: Reader): Promise<Pick<AuditRow, 'seq' | 'hash' | 'at'> | undefined> {
  const { audit: a } = r.t;
  const [row] = await r.sql
    .select({ seq: a.seq, hash: a.hash, at: a.at })
    .from(a)
    .orderBy(desc(a.seq))
    .limit(1);
  return row;
}

/** Events of a page of these kinds up to a moment, oldest first. */
export async function listEventsOfKinds(
  r: Reader,
  pageId: string,
  kinds: readonly string[],
  until: number,
): Promise<EventRow[]> {
  const { events } = r.t;
  return r.sql
    .select()
    .from(events)
    .where(and(eq(events.pageId, pageId), inArray(events.kind, [...kinds]), lte(events.at, until)))
    .orderBy(asc(events.seq));
}

/** What was done to one thing, of these kinds, newest first. */
export async function listAuditOf(
  r: Reader,
  about: { subjectKind: string; subjectId: string; actions: readonly string[] },
): Promise<AuditRow[]> {
  const { audit: a } = r.t;
  return r.sql
    .select()
    .from(a)
    .where(
      and(
        eq(a.subjectKind, about.subjectKind),
        eq(a.subjectId, about.subjectId),
        inArray(a.action, [...about.actions]),
      ),
    )
    .orderBy(desc(a.seq));
}

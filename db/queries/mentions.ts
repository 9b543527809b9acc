import { and, asc, desc, eq, gt, inArray, isNotNull, isNull, lte, ne, or, sql } from 'drizzle-orm';
import type { Inbound } from '../../src/domain/channel.ts';
import { notFound } from '../../src/domain/error.ts';
import { dueAt } from '../../src/domain/mention.ts';
import type { MentionState } from '../../src/domain/words.ts';
import { hot } from '../hot.ts';
import type { Reader, Writer } from '../store.ts';
import type { Connection } from './connections.ts';
import type { Delivery } from './deliveries.ts';

export type Mention = Reader['t']['mentions']['$inferSelect'];
export type Reply = Reader['t']['replies']['$inferSelect'];
export type Hearing = Reader['t']['hearing']['$inferSelect'];

const OPEN: readonly MentionState[] = ['new', 'assigned'];

type Mentions = Reader['t']['mentions'];
/** Of these pages; of all when none are named. */
const onPages = (m: Mentions, pageIds: readonly string[] | undefined) =>
  pageIds === undefined ? undefined : inArray(m.pageId, [...pageIds]);

/** Keeps what was said, once: true when it is new. */
export async function keepMention(
  w: Writer,
  id: string,
  connection: Pick<Connection, 'id' | 'pageId'>,
  said: Inbound,
  now: number,
): Promise<boolean> {
  const saidAt = said.at > 0 ? Math.min(said.at, now) : now;
  const rows = await w.sql
    .insert(w.t.mentions)
    .values({
      id,
      pageId: connection.pageId,
      connectionId: connection.id,
      remoteId: said.id,
      url: said.url,
      authorId: said.author.id,
      authorHandle: said.author.handle,
      authorName: said.author.name ?? null,
      text: said.text,
      inReplyTo: said.inReplyTo ?? null,
      post: said.post,
      saidAt,
      receivedAt: now,
      dueAt: dueAt(saidAt, now),
      state: 'new',
      assignedTo: null,
      reason: null,
      settledAt: null,
      settledBy: null,
      updatedAt: now,
    })
    .onConflictDoNothing()
    .returning({ id: w.t.mentions.id });
  return rows.length === 1;
}

export async function getMention(r: Reader, id: string): Promise<Mention> {
  const { mentions: m } = r.t;
  const [row] = await r.sql.select().from(m).where(eq(m.id, id));
  if (!row) throw notFound('message');
  return row;
}

export async function changeMention(w: Writer, id: string, patch: Partial<Mention>): Promise<void> {
  await w.sql.update(w.t.mentions).set(patch).where(eq(w.t.mentions.id, id));
}

/** Those that wait for an answer, the most urgent first. */
export async function listOpenMentions(
  r: Reader,
  limit: number,
  pageIds?: readonly string[],
): Promise<Mention[]> {
  const { mentions: m } = r.t;
  return r.sql
    .select()
    .from(m)
    .where(and(inArray(m.state, [...OPEN]), onPages(m, pageIds)))
    .orderBy(asc(m.dueAt), asc(m.id))
    .limit(limit);
}

export async function countOpenMentions(r: Reader, pageIds?: readonly string[]): Promise<number> {
  const { mentions: m } = r.t;
  return r.sql.$count(m, and(inArray(m.state, [...OPEN]), onPages(m, pageIds)));
}

/** Nobody has dealt with it, and it is about the incident, or about none that anybody named. */
const waitsOn = (m: Reader['t']['mentions'], incident: { id: string; pageId: string }) =>
  and(
    inArray(m.state, [...OPEN]),
    eq(m.pageId, incident.pageId),
    or(eq(m.incidentId, incident.id), isNull(m.incidentId)),
  );

/** Who still waits for an answer on an incident's page, and asks about it or about nothing we know of. */
export async function countWaiting(r: Reader, incident: { id: string; pageId: string }): Promise<number> {
  const { mentions: m } = r.t;
  return r.sql.$count(m, waitsOn(m, incident));
}

/** Those that are settled, the newest first. */
export async function listSettledMentions(
  r: Reader,
  limit: number,
  pageIds?: readonly string[],
): Promise<Mention[]> {
  const { mentions: m } = r.t;
  return r.sql
    .select()
    .from(m)
    .where(and(gt(m.settledAt, 0), onPages(m, pageIds)))
    .orderBy(desc(m.settledAt), desc(m.id))
    .limit(limit);
}

type Later = 'batchId' | 'askedAt' | 'judgedAt' | 'judgedBy' | 'verdict' | 'note';
/** An answer to one person, that nobody else need look at. */
const PLAIN = { batchId: null, askedAt: null, judgedAt: null, judgedBy: null, verdict: null, note: null };

export async function insertReply(
  w: Writer,
  reply: Omit<Reply, Later> & Partial<Pick<Reply, Later>>,
): Promise<Reply> {
  const row = { ...PLAIN, ...reply };
  await w.sql.insert(w.t.replies).values(row);
  return row;
}

export async function findReply(r: Reader, id: string): Promise<Reply | undefined> {
  const { replies } = r.t;
  const [row] = await hot(r, 'findReply', { id }, () =>
    r.sql
      .select()
      .from(replies)
      .where(eq(replies.id, sql.placeholder('id'))),
  );
  return row;
}

/** Our answers to these mentions, each with what became of it, oldest first. */
export async function listReplies(
  r: Reader,
  mentionIds: readonly string[],
): Promise<{ reply: Reply; delivery: Delivery }[]> {
  if (mentionIds.length === 0) return [];
  const { replies, deliveries } = r.t;
  return r.sql
    .select({ reply: replies, delivery: deliveries })
    .from(replies)
    .innerJoin(deliveries, eq(deliveries.updateId, replies.id))
    .where(inArray(replies.mentionId, [...mentionIds]))
    .orderBy(asc(replies.id));
}

/** How many answers of a person went out, or were let out by somebody else. */
export async function countAnswersOf(r: Reader, authorId: string): Promise<number> {
  const { replies } = r.t;
  return r.sql.$count(
    replies,
    and(eq(replies.authorId, authorId), or(isNull(replies.askedAt), eq(replies.verdict, 'yes'))),
  );
}

/** The first of those whom `countWaiting` counts, those who waited longest first. */
export async function listWaiting(
  r: Reader,
  incident: { id: string; pageId: string },
  limit: number,
): Promise<Mention[]> {
  const { mentions: m } = r.t;
  return r.sql.select().from(m).where(waitsOn(m, incident)).orderBy(asc(m.saidAt), asc(m.id)).limit(limit);
}

/** Answers that wait for a second person, or were sent back by one: they have no delivery. Oldest first. */
export async function listAskedReplies(r: Reader, mentionIds?: readonly string[]): Promise<Reply[]> {
  const { replies } = r.t;
  return r.sql
    .select()
    .from(replies)
    .where(
      and(
        isNotNull(replies.askedAt),
        or(isNull(replies.verdict), eq(replies.verdict, 'no')),
        mentionIds === undefined ? undefined : inArray(replies.mentionId, [...mentionIds]),
      ),
    )
    .orderBy(asc(replies.id));
}

/** Writes a second person's word, once; false when somebody was faster. */
export async function judgeReply(
  w: Writer,
  id: string,
  word: Pick<Reply, 'judgedAt' | 'judgedBy' | 'verdict' | 'note'>,
): Promise<boolean> {
  const { replies } = w.t;
  const rows = await w.sql
    .update(replies)
    .set(word)
    .where(and(eq(replies.id, id), isNotNull(replies.askedAt), isNull(replies.verdict)))
    .returning({ id: replies.id });
  return rows.length === 1;
}

/** Those of an incident, in the order they were said. */
export async function listMentionsOf(r: Reader, incidentId: string): Promise<Mention[]> {
  const { mentions: m } = r.t;
  return r.sql.select().from(m).where(eq(m.incidentId, incidentId)).orderBy(asc(m.saidAt), asc(m.id));
}

/** Open mentions that have waited long and of which nobody on call has been told. */
export async function listUnalerted(r: Reader, dueBefore: number): Promise<Mention[]> {
  const { mentions: m } = r.t;
  return r.sql
    .select()
    .from(m)
    .where(and(inArray(m.state, [...OPEN]), lte(m.dueAt, dueBefore), isNull(m.alertedAt)))
    .orderBy(asc(m.dueAt), asc(m.id))
    .limit(1_000);
}

/** What was said on these pages since a moment and is settled. */
export async function listSettledSince(
  r: Reader,
  pageIds: readonly string[],
  since: number,
): Promise<Pick<Mention, 'state' | 'saidAt' | 'settledAt' | 'dueAt'>[]> {
  const { mentions: m } = r.t;
  return r.sql
    .select({ state: m.state, saidAt: m.saidAt, settledAt: m.settledAt, dueAt: m.dueAt })
    .from(m)
    .where(and(inArray(m.pageId, [...pageIds]), gt(m.saidAt, since), isNotNull(m.settledAt)));
}

/** Who still waits of those who spoke since a moment, and how many of them for too long: a crowd is only counted. */
export async function countOpenSince(
  r: Reader,
  pageIds: readonly string[],
  since: number,
  now: number,
): Promise<{ waiting: number; overdue: number }> {
  const { mentions: m } = r.t;
  const [row] = await r.sql
    .select({
      waiting: sql<number>`count(*)`,
      overdue: sql<number>`coalesce(sum(case when ${m.dueAt} <= ${now} then 1 else 0 end), 0)`,
    })
    .from(m)
    .where(and(inArray(m.pageId, [...pageIds]), gt(m.saidAt, since), inArray(m.state, [...OPEN])));
  return { waiting: Number(row?.waiting ?? 0), overdue: Number(row?.overdue ?? 0) };
}

/** A crowd larger than this need not be counted to the last. */
export const MOST_DUE = 5_000;

/** Until when each of those who wait must be answered, and what they ask about, the soonest first. */
export async function listDue(
  r: Reader,
  pageIds: readonly string[],
): Promise<Pick<Mention, 'pageId' | 'incidentId' | 'saidAt' | 'dueAt'>[]> {
  const { mentions: m } = r.t;
  return r.sql
    .select({ pageId: m.pageId, incidentId: m.incidentId, saidAt: m.saidAt, dueAt: m.dueAt })
    .from(m)
    .where(and(inArray(m.state, [...OPEN]), inArray(m.pageId, [...pageIds])))
    .orderBy(asc(m.dueAt), asc(m.id))
    .limit(MOST_DUE);
}

/**
 * How many wrote since a moment, the first of them when; and how many of those who wrote in the last day were dealt with
 * since, by how many.
 */
export async function countWork(
  r: Reader,
  pageIds: readonly string[],
  since: number,
  dayAgo: number,
): Promise<{ arrived: number; firstAt: number | null; done: number; people: number }> {
  const { mentions: m } = r.t;
  const mine = inArray(m.pageId, [...pageIds]);
  const [came] = await r.sql
    .select({ n: sql<number>`count(*)`, first: sql<number | null>`min(${m.saidAt})` })
    .from(m)
    .where(and(mine, gt(m.saidAt, since)));
  const [went] = await r.sql
    .select({ n: sql<number>`count(*)`, people: sql<number>`count(distinct ${m.settledBy})` })
    .from(m)
    .where(and(mine, gt(m.saidAt, dayAgo), gt(m.settledAt, since)));
  return {
    arrived: Number(came?.n ?? 0),
    firstAt: came?.first == null ? null : Number(came.first),
    done: Number(went?.n ?? 0),
    people: Number(went?.people ?? 0),
  };
}

/** Open mentions that an answer of ours has reached, with when it did. */
export async function listAnswered(
  r: Reader,
): Promise<{ id: string; pageId: string; doneAt: number; by: string }[]> {
  const { mentions: m, replies, deliveries: d } = r.t;
  const rows = await r.sql
    .select({ id: m.id, pageId: m.pageId, doneAt: d.doneAt, by: replies.authorId })
    .from(m)
    .innerJoin(replies, eq(replies.mentionId, m.id))
    .innerJoin(d, eq(d.updateId, replies.id))
    .where(and(inArray(m.state, [...OPEN]), inArray(d.state, ['delivered', 'manual_confirmed'])));
  return rows.map((row) => ({ ...row, doneAt: row.doneAt ?? 0 }));
}

/** Accounts that are to be listened to now. */
export async function listDueHearings(r: Reader, now: number, farMs: number): Promise<Connection[]> {
  const { connections: c, hearing: h } = r.t;
  const rows = await r.sql
    .select({ connection: c, nextAt: h.nextAt })
    .from(c)
    .leftJoin(h, eq(h.connectionId, c.id))
    .where(
      and(
        eq(c.enabled, true),
        isNull(c.pausedAt),
        ne(c.role, 'oncall'),
        ne(c.role, 'subscribers'),
        or(isNull(c.notBefore), lte(c.notBefore, now)),
        // Further ahead than any wait can be: written under a clock that has since jumped back.
        or(isNull(h.nextAt), lte(h.nextAt, now), gt(h.nextAt, now + farMs)),
      ),
    )
    .orderBy(asc(c.id));
  return rows.map((row) => row.connection);
}

export async function findHearing(r: Reader, connectionId: string): Promise<Hearing | undefined> {
  const { hearing: h } = r.t;
  const [row] = await r.sql.select().from(h).where(eq(h.connectionId, connectionId));
  return row;
}

export async function recordHearing(w: Writer, row: Hearing): Promise<void> {
  const { connectionId: _, ...set } = row;
  await w.sql.insert(w.t.hearing).values(row).onConflictDoUpdate({ target: w.t.hearing.connectionId, set });
}

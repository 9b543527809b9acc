import { insertAlert } from '../../db/queries/alerts.ts';
import { getConnection } from '../../db/queries/connections.ts';
import {
  changeMention,
  countAnswersOf,
  getMention,
  insertReply,
  listAnswered,
  listAskedReplies,
  listReplies,
  type Mention,
  type Reply,
} from '../../db/queries/mentions.ts';
import { getPage } from '../../db/queries/pages.ts';
import type { Reader } from '../../db/store.ts';
import { conflict, DomainError, forbidden, invalid } from '../domain/error.ts';
import type { Finding } from '../domain/lint/lint.ts';
import { isOpen } from '../domain/mention.ts';
import { mayWrite } from '../domain/rights.ts';
import { checkText } from '../domain/update.ts';
import type { Role } from '../domain/words.ts';
import { type Ctx, type Decision, decide, mustBe } from './context.ts';
import { checkAnswer, incidentNamed } from './inbox/check-answer.ts';
import { answerText, assertFits, queueReply } from './inbox/queue-reply.ts';

/** Who may answer people, settle their answers and say that none is needed. */
export const ANSWERERS: readonly Role[] = ['responder', 'author', 'approver'];

export interface AnswerOptions {
  /** Whoever writes has read the warnings and sends it all the same. */
  sure?: boolean;
  /** Prepared once for many; each of them gets it at most once. */
  batchId?: string;
}

/**
 * Answers somebody on the network where they asked. The answer goes out by the outbox, with its guarantees: written
 * down first, sent once. One answer waits for the one before it. What would be news is refused, and what weighs like
 * class C waits for a second person's yes: such a reply has `askedAt` and no delivery yet.
 */
export async function answerMention(
  ctx: Ctx,
  mentionId: string,
  words: string,
  options: AnswerOptions = {},
): Promise<Reply> {
  mustBe(ctx.actor, ANSWERERS, 'draft');
  return decide(ctx, (d) => answerOne(ctx, d, mentionId, words, options));
}

/** One answer within a decision that may hold several. */
export async function answerOne(
  ctx: Ctx,
  { w, now, say, account }: Decision,
  mentionId: string,
  words: string,
  { sure = false, batchId }: AnswerOptions,
): Promise<Reply> {
  const mention = await getMention(w, mentionId);
  const connection = await getConnection(w, mention.connectionId);
  const text = answerText(words, connection.language, ctx.exercise ?? false);
  await assertFits(w, connection, text);
  if (connection.voiceOf !== null && connection.voiceOf !== ctx.actor.id)
    throw forbidden(
      `${connection.name} speaks in one person’s own voice, so only they answer there. Tell them, or answer from another account.`,
    );
  const { findings, ...checked } = await checkAnswer(w, mention, connection.language, words.trim());
  const second = checked.second ?? (await whyNewHelper(ctx, w, mention.pageId));
  const grave = findings.filter((f) => f.level === 'block' || GATED.includes(f.id));
  const block = grave.find((f) => f.level === 'block');
  if (block) throw invalid('text', sentenceOf(block));
  if (grave.length > 0 && !sure)
    throw new DomainError('conflict', grave.map(sentenceOf).join(' '), { field: 'sure' });
  const before = await listReplies(w, [mentionId]);
  const asked = await listAskedReplies(w, [mentionId]);
  if (
    before.some(({ reply, delivery }) => reply.text === text && delivery.state !== 'cancelled') ||
    asked.some((reply) => reply.text === text && reply.verdict === null)
  )
    throw conflict('This very answer has been given already.');
  const reply = await insertReply(w, {
    id: ctx.newId(),
    mentionId,
    connectionId: connection.id,
    text,
    authorId: ctx.actor.id,
    createdAt: now,
    batchId: batchId ?? null,
    askedAt: second === undefined ? null : now,
  });
  if (second === undefined) await queueReply(w, mention, reply, { id: ctx.newId(), by: ctx.actor.id, now });
  else if (mention.state === 'new')
    await changeMention(w, mentionId, { state: 'assigned', assignedTo: ctx.actor.id, updatedAt: now });
  if (second !== undefined)
    await insertAlert(w, {
      id: ctx.newId(),
      pageId: mention.pageId,
      kind: 'second',
      message: `An answer to ${mention.authorHandle} waits for a second person: ${second} ${ctx.deskUrl ?? ''}/desk/inbox`,
      raisedAt: now,
    });
  const incidentId = mention.incidentId ?? (await incidentNamed(w, mention, text));
  if (incidentId !== undefined && mention.incidentId === null)
    await changeMention(w, mentionId, { incidentId, updatedAt: now });
  await say({ ...about(mention), kind: 'mention.answering', detail: { mentionId } });
  await account({
    action: second === undefined ? 'mention.answer' : 'mention.ask_second',
    subjectKind: 'mention',
    subjectId: mentionId,
    detail: {
      replyId: reply.id,
      ...(incidentId === undefined ? {} : { incidentId }),
      ...(second === undefined ? {} : { about: second }),
      ...(grave.length === 0 ? {} : { warnings: grave.map((f) => `${f.id}: ${f.quote}`) }),
    },
  });
  return reply;
}

/** How many answers of somebody who only answers are read by a second person first, where the page asks for it. */
const FIRST_ANSWERS = 5;

async function whyNewHelper(ctx: Ctx, r: Reader, pageId: string): Promise<string | undefined> {
  const { policy } = await getPage(r, pageId);
  if (policy.solo || policy.answers?.firstFive !== true || mayWrite(ctx.actor.roles)) return undefined;
  return (await countAnswersOf(r, ctx.actor.id)) < FIRST_ANSWERS
    ? `the first ${FIRST_ANSWERS} answers of a helper are read by somebody else.`
    : undefined;
}

/** Warnings that are read before an answer goes out; the others are advice. */
const GATED: readonly string[] = ['L3', 'L4', 'L5', 'L6'];
const sentenceOf = (f: Finding): string => `${f.quote === '' ? '' : `“${f.quote}”: `}${f.message} ${f.fix}`;

/** Nobody waits for an answer to this: spam, thanks, or said to somebody else. The reason is kept. */
export async function dismissMention(ctx: Ctx, mentionId: string, reason: string): Promise<void> {
  mustBe(ctx.actor, ANSWERERS, 'draft');
  if (reason.trim() === '') throw invalid('reason', 'Say in a few words why it needs no answer.');
  checkText('reason', reason, 500);
  await decide(ctx, async ({ w, now, say, account }) => {
    const mention = await getMention(w, mentionId);
    if (!isOpen(mention.state)) throw conflict('This is settled already.');
    await changeMention(w, mentionId, {
      state: 'no_reply_needed',
      reason: reason.trim(),
      settledAt: now,
      settledBy: ctx.actor.id,
      updatedAt: now,
    });
    await say({ ...about(mention), kind: 'mention.settled', detail: { mentionId } });
    await account({
      action: 'mention.dismiss',
      subjectKind: 'mention',
      subjectId: mentionId,
      detail: { reason },
    });
  });
}

/** Settles what an answer of ours has reached. Only then was somebody answered. */
export async function settleAnswered(ctx: Ctx): Promise<void> {
  if ((await listAnswered(ctx.store.read)).length === 0) return;
  await decide(ctx, async ({ w, now, say }) => {
    for (const { id, pageId, doneAt, by } of await listAnswered(w)) {
      await changeMention(w, id, {
        state: 'answered',
        settledAt: doneAt || now,
        settledBy: by,
        updatedAt: now,
      });
      await say({ ...about({ pageId }), kind: 'mention.settled', detail: { mentionId: id } });
    }
    return undefined;
  });
}

const about = ({ pageId }: Pick<Mention, 'pageId'>) => ({
  pageId,
  public: false,
  incidentId: null,
  updateId: null,
});

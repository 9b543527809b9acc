import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  getMention,
  listAskedReplies,
  listOpenMentions,
  listReplies,
  listSettledMentions,
  type Mention,
} from '../../../db/queries/mentions.ts';
import { answerMention, dismissMention } from '../../actions/answer-mention.ts';
import { judgeReply } from '../../actions/inbox/judge-reply.ts';
import { linkMention } from '../../actions/inbox/link-mention.ts';
import { confirmReply, giveUpReply, resendReply } from '../../actions/inbox/settle-reply.ts';
import { waiting } from '../../domain/mention.ts';
import type { Ports } from '../ports.ts';
import { ctxOf, mustKnow } from '../who.ts';
import * as s from './mention-schemas.ts';
import { pagesRead } from './page-of.ts';
import { PastedUrl, Reason } from './schemas.ts';

const tags = ['mentions'];

/** What people said to us, and our answers to them. Nobody sees what was said to a page on which they have no role. */
export async function mentionRoutes(app: FastifyInstance, { base }: Pick<Ports, 'base'>): Promise<void> {
  const r = base.store.read;
  const placeOf = (q: FastifyRequest<{ Params: s.ByReply }>) => ({
    mentionId: q.params.id,
    replyId: q.params.reply,
  });

  /** Without what only the outbox needs to answer it there. */
  async function shown(mentions: readonly Mention[]) {
    const now = base.now();
    const replies = await listReplies(
      r,
      mentions.map((m) => m.id),
    );
    const asked = await listAskedReplies(
      r,
      mentions.map((m) => m.id),
    );
    return mentions.map(({ post: _, ...m }) => ({
      ...m,
      waiting: m.settledAt === null ? waiting(m.dueAt, now) : null,
      replies: replies
        .filter(({ reply }) => reply.mentionId === m.id)
        .map(({ reply, delivery }) => ({
          id: reply.id,
          text: reply.text,
          authorId: reply.authorId,
          createdAt: reply.createdAt,
          state: delivery.state,
          reason: delivery.reason,
        })),
      /** Answers that wait for a second person, or came back from one. */
      asked: asked
        .filter((reply) => reply.mentionId === m.id)
        .map(({ id, text, authorId, createdAt, verdict, note }) => ({
          id,
          text,
          authorId,
          createdAt,
          verdict,
          note,
        })),
    }));
  }
  const one = async (id: string) => (await shown([await getMention(r, id)]))[0];

  app.get<{ Querystring: s.MentionQuery }>(
    '/mentions',
    {
      schema: {
        tags,
        summary: 'What people said: those who wait for an answer, the most urgent first; or what is settled',
        querystring: s.MentionQuery,
      },
    },
    async (q) => {
      const { pageId, state, limit = 100 } = q.query;
      const list = state === 'settled' ? listSettledMentions : listOpenMentions;
      return shown(await list(r, limit, await pagesRead(r, mustKnow(q).person, pageId)));
    },
  );
  app.get<{ Params: s.ById }>(
    '/mentions/:id',
    { schema: { tags, summary: 'One of them, with our answers', params: s.ById } },
    async (q) => one(q.params.id),
  );
  app.post<{ Params: s.ById; Body: s.Answer }>(
    '/mentions/:id/answer',
    {
      schema: {
        answers: 201,
        tags,
        summary: 'Answer it where it was asked: the answer goes out once, and counts when it is there',
        params: s.ById,
        body: s.Answer,
      },
    },
    async (q, reply) => {
      await answerMention(ctxOf(base, q), q.params.id, q.body.text, { sure: q.body.sure === true });
      return reply.code(201).send(await one(q.params.id));
    },
  );
  app.post<{ Params: s.ById; Body: Reason }>(
    '/mentions/:id/dismiss',
    { schema: { tags, summary: 'It needs no answer, for a reason', params: s.ById, body: Reason } },
    async (q) => {
      await dismissMention(ctxOf(base, q), q.params.id, q.body.reason);
      return one(q.params.id);
    },
  );
  app.post<{ Params: s.ById; Body: s.About }>(
    '/mentions/:id/link',
    { schema: { tags, summary: 'Say which incident it speaks of, or none', params: s.ById, body: s.About } },
    async (q) => {
      await linkMention(ctxOf(base, q), q.params.id, q.body.incidentId);
      return one(q.params.id);
    },
  );
  app.post<{ Params: s.ByReply; Body: s.Judged }>(
    '/mentions/:id/replies/:reply/judge',
    {
      schema: {
        tags,
        summary: 'A second person’s yes or no to an answer that weighs: with the yes it goes out',
        params: s.ByReply,
        body: s.Judged,
      },
    },
    async (q) => {
      await judgeReply(ctxOf(base, q), placeOf(q), q.body.verdict, q.body.note ?? '');
      return one(q.params.id);
    },
  );
  app.post<{ Params: s.ByReply; Body: PastedUrl }>(
    '/mentions/:id/replies/:reply/confirm',
    {
      schema: {
        tags,
        summary: 'Our answer is there: here is its address',
        params: s.ByReply,
        body: PastedUrl,
      },
    },
    async (q) => {
      await confirmReply(ctxOf(base, q), placeOf(q), q.body.url);
      return one(q.params.id);
    },
  );
  app.post<{ Params: s.ByReply }>(
    '/mentions/:id/replies/:reply/resend',
    { schema: { tags, summary: 'Our answer is not there: send it again', params: s.ByReply } },
    async (q) => {
      await resendReply(ctxOf(base, q), placeOf(q));
      return one(q.params.id);
    },
  );
  app.post<{ Params: s.ByReply; Body: Reason }>(
    '/mentions/:id/replies/:reply/give-up',
    { schema: { tags, summary: 'Do not send our answer any more', params: s.ByReply, body: Reason } },
    async (q) => {
      await giveUpReply(ctxOf(base, q), placeOf(q), q.body.reason);
      return one(q.params.id);
    },
  );
}

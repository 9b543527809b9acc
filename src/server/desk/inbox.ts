import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerMention, dismissMention } from '../../actions/answer-mention.ts';
import { judgeReply } from '../../actions/inbox/judge-reply.ts';
import { linkMention } from '../../actions/inbox/link-mention.ts';
import { confirmReply, giveUpReply, resendReply } from '../../actions/inbox/settle-reply.ts';
import { renderInbox } from '../../templates/desk.ts';
import { ctxOf } from '../who.ts';
import { choice, formOf, refusedBy, text } from './forms.ts';
import { type Desk, frameFor, goTo, html } from './frame.ts';
import { together } from './inbox-together.ts';
import { mentionViews, type Typed } from './inbox-view.ts';

type ById = { Params: { id: string } };
type ByReply = { Params: { id: string; reply: string } };

/** What people said, by how long they wait, and a box to answer each where they asked. */
export function inbox(app: FastifyInstance, desk: Desk): void {
  const { ports } = desk;

  app.get('/inbox', async (request, reply) => html(reply, await draw(request)));

  for (const what of ['answer', 'dismiss'] as const)
    app.post<ById>(`/inbox/:id/${what}`, async (request, reply) => {
      const ctx = ctxOf(ports.base, request);
      const { id } = request.params;
      const typed = text(formOf(request), what === 'answer' ? 'text' : 'reason');
      try {
        if (what === 'answer')
          await answerMention(ctx, id, typed, { sure: text(formOf(request), 'sure') === 'yes' });
        else await dismissMention(ctx, id, typed);
        ports.kick();
        return goTo(reply, `/desk/inbox#m-${id}`, what === 'answer' ? 'answered' : 'dismissed');
      } catch (error) {
        return again(request, reply, { id, text: typed, refused: refusedBy(error) });
      }
    });

  const settle = (
    said: 'confirmed' | 'resent' | 'given-up',
    name: 'url' | 'reason',
    act: (request: FastifyRequest<ByReply>, typed: string) => Promise<unknown>,
  ) =>
    async function settleReply(request: FastifyRequest<ByReply>, reply: FastifyReply) {
      const typed = text(formOf(request), name).trim();
      try {
        await act(request, typed);
        ports.kick();
        return goTo(reply, `/desk/inbox#m-${request.params.id}`, said);
      } catch (error) {
        return again(request, reply, { id: request.params.reply, text: typed, refused: refusedBy(error) });
      }
    };
  const placeOf = ({ params }: FastifyRequest<ByReply>) => ({ mentionId: params.id, replyId: params.reply });
  app.post<ByReply>(
    '/inbox/:id/replies/:reply/confirm',
    settle('confirmed', 'url', (q, url) => confirmReply(ctxOf(ports.base, q), placeOf(q), url)),
  );
  app.post<ByReply>(
    '/inbox/:id/replies/:reply/resend',
    settle('resent', 'reason', (q) => resendReply(ctxOf(ports.base, q), placeOf(q))),
  );
  app.post<ByReply>(
    '/inbox/:id/replies/:reply/give-up',
    settle('given-up', 'reason', (q, why) => giveUpReply(ctxOf(ports.base, q), placeOf(q), why)),
  );

  app.post<ByReply>('/inbox/:id/replies/:reply/judge', async (request, reply) => {
    const form = formOf(request);
    const verdict = choice(form, 'verdict', ['yes', 'no']);
    try {
      await judgeReply(ctxOf(ports.base, request), placeOf(request), verdict, text(form, 'note'));
      ports.kick();
      return goTo(reply, `/desk/inbox#m-${request.params.id}`, verdict === 'yes' ? 'answered' : 'returned');
    } catch (error) {
      const refused = refusedBy(error);
      return again(request, reply, { id: request.params.reply, text: text(form, 'note'), refused });
    }
  });
  app.post<ById>('/inbox/:id/link', async (request, reply) => {
    const { id } = request.params;
    await linkMention(ctxOf(ports.base, request), id, text(formOf(request), 'incident') || null);
    return goTo(reply, `/desk/inbox#m-${id}`, 'saved');
  });
  together(app, desk);

  const again = async (request: FastifyRequest, reply: FastifyReply, typed: Typed) =>
    html(reply, await draw(request, typed), typed.refused.status);

  async function draw(request: FastifyRequest, typed?: Typed): Promise<string> {
    return renderInbox({
      frame: await frameFor(desk, request, {
        title: 'Inbox',
        room: 'inbox',
        style: 'heard',
        trouble: typed && typed.refused.field === undefined ? typed.refused.message : null,
      }),
      ...(await mentionViews(desk, request, typed)),
    });
  }
}

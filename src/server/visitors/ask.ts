import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { listConnections } from '../../../db/queries/connections.ts';
import { countVisit } from '../../actions/subscribers/visits.ts';
import { askQuestion, QUESTION_MAX } from '../../actions/visits/ask-question.ts';
import { DomainError, notFound } from '../../domain/error.ts';
import { answersBy } from '../../domain/visitor.ts';
import { fill } from '../../templates/format.ts';
import { pageWords } from '../../templates/strings/page/words.ts';
import { subscriberWords } from '../../templates/strings/subscriber/words.ts';
import { type AskView, renderAsk, renderThanks } from '../../templates/visitors.ts';
import { formOf, text } from '../desk/forms.ts';
import { cold } from '../public.ts';
import { type Door, plainPage, type Standing, show, standing, visitOf, visitor } from '../subscribe/door.ts';

/** Asking a question on the page: it comes into the inbox, and its answer goes to the asker by mail. */
export function serveAsk(app: FastifyInstance, door: Door, befores: readonly string[]): void {
  const { ports } = door;

  async function open(request: FastifyRequest): Promise<Standing> {
    const here = await standing(door, request);
    const connections = await cold(() => listConnections(ports.base.store.read, here.page.id));
    if (!answersBy(connections)) throw notFound('page');
    return here;
  }

  async function take(request: FastifyRequest, reply: FastifyReply) {
    const here = await open(request);
    const form = formOf(request);
    const typed = { question: text(form, 'question'), email: text(form, 'email').trim() };
    const thanks = () =>
      show(
        here,
        reply,
        renderThanks({ page: plainPage(here, ''), what: 'asked', email: typed.email, ask: null }),
      );
    // A field that people do not see: what fills it in reads no answer either.
    if (text(form, 'website') !== '') return thanks();
    try {
      const email = ports.subscribers.readRecipient('email', typed.email);
      await countVisit(ports.base, ports.subscribers.locks, visitOf(request), 'question');
      await askQuestion(visitor(door), { pageId: here.page.id, question: typed.question, email });
    } catch (error) {
      const { status, ...wrong } = wrongOf(error, here.language);
      return show(here, reply, draw(here, { ...typed, wrong }), status);
    }
    return thanks();
  }

  for (const before of befores) {
    app.get(`${before}/ask`, async (request, reply) => {
      const here = await open(request);
      return show(here, reply, draw(here, { question: '', email: '', wrong: {} }));
    });
    app.post(`${before}/ask`, take);
  }
}

const draw = (here: Standing, view: Pick<AskView, 'question' | 'email' | 'wrong'>): string =>
  renderAsk({ page: plainPage(here, '/ask'), action: `${here.path}/ask`, most: QUESTION_MAX, ...view });

/** A refusal in the reader's words, beside what it is about. */
function wrongOf(error: unknown, language: string): AskView['wrong'] & { status: number } {
  if (!(error instanceof DomainError)) throw error;
  const { visitor: v, tooMany } = pageWords(language);
  if (error.code === 'limited') return { trouble: tooMany, status: 429 };
  if (error.code === 'unavailable') return { trouble: v.again, status: 503 };
  if (error.code !== 'invalid') throw error;
  if (error.field === 'question') return { question: fill(v.badQuestion, QUESTION_MAX), status: 400 };
  return { email: subscriberWords(language).bad.email, status: 400 };
}

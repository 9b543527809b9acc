import { type Connection, listConnections } from '../../../db/queries/connections.ts';
import { appendEvents } from '../../../db/queries/log.ts';
import { keepMention } from '../../../db/queries/mentions.ts';
import type { Reader } from '../../../db/store.ts';
import { DomainError, invalid } from '../../domain/error.ts';
import { checkText } from '../../domain/update.ts';
import { answersBy } from '../../domain/visitor.ts';
import type { Ctx } from '../context.ts';

/** Longest question, in UTF-16 units. */
export const QUESTION_MAX = 2_000;
/** What of a question stands in the subject of its answer, in code points. */
const SUBJECT = 80;

/**
 * Puts a visitor's question into the inbox, where the hour begins; `email` in the one form that we keep. Throws `invalid`
 * for `question`, `unavailable` when the page has nobody to answer by.
 */
export async function askQuestion(
  ctx: Ctx,
  { pageId, question, email }: { pageId: string; question: string; email: string },
): Promise<void> {
  const text = question.trim();
  if (text === '') throw invalid('question', 'Write your question.');
  checkText('question', text, QUESTION_MAX);
  const connection = await findAnswering(ctx.store.read, pageId);
  const id = ctx.newId();
  await ctx.store.transact(async (w) => {
    const at = ctx.now();
    await keepMention(
      w,
      id,
      connection,
      {
        id,
        url: null,
        at,
        author: { id: email, handle: email },
        text,
        post: { id, url: null, raw: { subject: `Re: ${firstLine(text)}` } },
      },
      at,
    );
    await appendEvents(w, [
      {
        at,
        pageId,
        kind: 'mention.received',
        public: false,
        incidentId: null,
        updateId: null,
        detail: { mentionId: id, connectionId: connection.id },
      },
    ]);
  });
}

/** In whole characters: no database takes half of a pair. */
const firstLine = (text: string): string =>
  [...(text.split(/[\r\n]/, 1)[0] ?? '')].slice(0, SUBJECT).join('');

async function findAnswering(r: Reader, pageId: string): Promise<Connection> {
  const found = answersBy(await listConnections(r, pageId));
  if (!found) throw new DomainError('unavailable', 'Questions cannot be taken here just now.');
  return found;
}

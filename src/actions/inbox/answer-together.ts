import { type Connection, getConnection } from '../../../db/queries/connections.ts';
import { getMention, listReplies, type Mention, type Reply } from '../../../db/queries/mentions.ts';
import type { Reader } from '../../../db/store.ts';
import { conflict, DomainError, invalid, notFound } from '../../domain/error.ts';
import type { Finding } from '../../domain/lint/lint.ts';
import { isOpen } from '../../domain/mention.ts';
import { ANSWERERS, answerOne } from '../answer-mention.ts';
import { type Ctx, decide, mustBe, sha256 } from '../context.ts';
import { checkAnswer } from './check-answer.ts';
import { answerText, assertFits } from './queue-reply.ts';

/** The most that are answered with one press. */
const MOST = 200;

/** One of many who would get an answer, as the person who sends it must have seen it. */
export interface Prepared {
  mention: Mention;
  network: string;
  /** Why it cannot be sent to this one. */
  refused: string | null;
  findings: Finding[];
  /** Why a second person must say yes first. */
  second: string | undefined;
}

/** What a person looks at, as a hash: these words, to these people. */
export const seenHash = (each: readonly Prepared[], words: string): string =>
  sha256(JSON.stringify([words.trim(), each.map((x) => x.mention.id).toSorted()]));

/** What to show before anything is sent: everybody who would get it. Throws `not_found` for one of another page. */
export async function prepareTogether(
  r: Reader,
  pageId: string,
  mentionIds: readonly string[],
  words: string,
  exercise = false,
): Promise<Prepared[]> {
  const text = words.trim();
  const ids = [...new Set(mentionIds)].slice(0, MOST).toSorted();
  const each: Prepared[] = [];
  for (const id of ids) {
    const mention = await getMention(r, id);
    // A message of another page is not there, whoever asks.
    if (mention.pageId !== pageId) throw notFound('message');
    const connection = await getConnection(r, mention.connectionId);
    const { findings, second } = await checkAnswer(r, mention, connection.language, text);
    each.push({
      mention,
      network: connection.name,
      refused:
        text === ''
          ? null
          : await whyNot(r, mention, connection, answerText(text, connection.language, exercise)),
      findings: text === '' ? [] : findings,
      second: text === '' ? undefined : second,
    });
  }
  return each;
}

async function whyNot(
  r: Reader,
  mention: Mention,
  connection: Connection,
  text: string,
): Promise<string | null> {
  if (!isOpen(mention.state)) return 'This is settled already.';
  if (
    (await listReplies(r, [mention.id])).some(
      (x) => x.reply.text === text && x.delivery.state !== 'cancelled',
    )
  )
    return 'They have this very answer already.';
  return assertFits(r, connection, text).then(
    () => null,
    (error: unknown) => {
      if (error instanceof DomainError) return error.message;
      throw error;
    },
  );
}

/**
 * Sends each of them the same answer, as a reply and a delivery of its own: all of them or, when one cannot, none.
 * `seen` is the hash of what the person looked at; `batchId` makes a second press of the same button a refusal.
 */
export async function answerTogether(
  ctx: Ctx,
  pageId: string,
  asked: { mentionIds: readonly string[]; text: string; seen: string; batchId: string },
): Promise<Reply[]> {
  mustBe(ctx.actor, ANSWERERS, 'draft');
  if (!/^[\w-]{8,60}$/.test(asked.batchId))
    throw invalid('batch', 'Load the page again, and review it once more.');
  const sent = decide(ctx, async (d) => {
    const each = await prepareTogether(d.w, pageId, asked.mentionIds, asked.text, ctx.exercise);
    if (each.length === 0) throw invalid('mention', 'Choose whom to answer.');
    if (seenHash(each, asked.text) !== asked.seen)
      throw conflict('The words or the people have changed since you looked. Read it once more.', 'seen');
    const replies: Reply[] = [];
    for (const { mention } of each) {
      if (!isOpen(mention.state))
        throw conflict(`${mention.authorHandle} has been answered meanwhile. Review the others once more.`);
      const options = { sure: true, batchId: asked.batchId };
      replies.push(await answerOne(ctx, d, mention.id, asked.text, options));
    }
    return replies;
  });
  return sent.catch((error: unknown) => {
    // The same button pressed twice, after an answer of the first press was given up.
    if (ctx.store.isDuplicate(error))
      throw conflict('This has been sent already. Review it once more to send it anew.');
    throw error;
  });
}

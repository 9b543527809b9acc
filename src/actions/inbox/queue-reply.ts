import type { Connection } from '../../../db/queries/connections.ts';
import { insertDeliveries } from '../../../db/queries/deliveries.ts';
import { findInstallation } from '../../../db/queries/installation.ts';
import { changeMention, listReplies, type Mention, type Reply } from '../../../db/queries/mentions.ts';
import type { Reader, Writer } from '../../../db/store.ts';
import { unsent } from '../../domain/delivery.ts';
import { conflict, invalid } from '../../domain/error.ts';
import { checkText } from '../../domain/update.ts';
import { markExercise } from '../../templates/exercise.ts';
import { measure } from '../../templates/measure.ts';

/** An answer as it goes out: in an exercise between its marks. Nothing stays nothing. */
export function answerText(words: string, language: string, exercise: boolean): string {
  const text = words.trim();
  return exercise && text !== '' ? markExercise(text, language) : text;
}

/** Throws, with what to do, unless a text can go out as an answer by this account. */
export async function assertFits(r: Reader, connection: Connection, text: string): Promise<void> {
  if (text === '') throw invalid('text', 'Write the answer first.');
  checkText('text', text, 40_000);
  if (!connection.can.replies)
    throw conflict(`Nobody can be answered on ${connection.name}. Write them another way.`);
  if (!connection.enabled)
    throw conflict(
      `${connection.name} is switched off. Switch it on under Networks, or answer there by hand.`,
    );
  const limits = { ...connection.limits, max: connection.limits.reply ?? connection.limits.max };
  const length = measure(text, limits);
  if (length > limits.max)
    throw invalid('text', `This is ${length} long, and ${limits.max} fit on ${connection.name}. Shorten it.`);
  if (await findInstallation(r, 'sending_off'))
    throw conflict('Sending is off for everything. Switch it on under Settings first.');
}

/** Hands an answer to the outbox: from here on it is a delivery like any other, sent once. */
export async function queueReply(
  w: Writer,
  mention: Mention,
  reply: Reply,
  { id, by, now }: { id: string; by: string; now: number },
): Promise<void> {
  const before = await listReplies(w, [mention.id]);
  await insertDeliveries(w, [
    {
      id,
      pageId: mention.pageId,
      incidentId: mention.id,
      updateId: reply.id,
      renditionId: reply.id,
      connectionId: reply.connectionId,
      op: 'publish',
      targetId: null,
      way: null,
      amendedBy: null,
      part: 0,
      // Not empty, so that it counts as said to one person and is never shown as a post of the page.
      recipient: mention.authorId || mention.id,
      // What speaks to everybody goes first.
      priority: 1,
      ord: before.length,
      ...unsent(now),
    },
  ]);
  if (mention.state === 'new')
    await changeMention(w, mention.id, { state: 'assigned', assignedTo: by, updatedAt: now });
}

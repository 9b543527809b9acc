import type { Connection } from '../../db/queries/connections.ts';
import { appendEvents } from '../../db/queries/log.ts';
import { keepMention } from '../../db/queries/mentions.ts';
import type { Writer } from '../../db/store.ts';
import type { Inbound } from '../domain/channel.ts';
import { storable } from '../domain/storable.ts';

/** The longest text that is kept of one message, in UTF-16 units: a forum post, not a book. */
const LONGEST = 40_000;

/** Keeps what was said, each once, and tells the desk of what is new; how many were. */
export async function keep(
  w: Writer,
  connection: Pick<Connection, 'id' | 'pageId'>,
  items: readonly Inbound[],
  about: { now: number; newId(): string },
): Promise<number> {
  let fresh = 0;
  for (const item of items) {
    const id = about.newId();
    const said = storable({ ...item, text: item.text.slice(0, LONGEST) });
    if (!(await keepMention(w, id, connection, said, about.now))) continue;
    fresh += 1;
    await appendEvents(w, [
      {
        at: about.now,
        pageId: connection.pageId,
        kind: 'mention.received',
        public: false,
        incidentId: null,
        updateId: null,
        detail: { mentionId: id, connectionId: connection.id },
      },
    ]);
  }
  return fresh;
}

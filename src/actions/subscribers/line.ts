import { type Connection, insertConnection, listConnections } from '../../../db/queries/connections.ts';
import type { Page } from '../../../db/queries/pages.ts';
import type { Reader, Writer } from '../../../db/store.ts';
import { CHANNEL_OF, kindsOffered, lineFor, type SubscriberKind } from '../../domain/subscriber.ts';
import type { SubscriberLocks } from './locks.ts';

/** The kinds of subscription that a page can offer now. */
export const listKindsOffered = async (r: Reader, pageId: string): Promise<SubscriberKind[]> =>
  kindsOffered(await listConnections(r, pageId));

/**
 * The line on which a page speaks to one kind of subscriber. It is made when the first of them comes, and from then on
 * stands among the networks of every update, with words of its own that are approved like the others'.
 */
export async function ensureLine(
  w: Writer,
  locks: SubscriberLocks,
  page: Page,
  kind: SubscriberKind,
  more: { newId(): string; now: number },
): Promise<Connection> {
  const all = await listConnections(w, page.id);
  const known = lineFor(all, kind);
  if (known) return known;
  const { newId, now } = more;
  const id = newId();
  const line: Connection = {
    id,
    pageId: page.id,
    channel: CHANNEL_OF[kind],
    role: 'subscribers',
    voiceOf: null,
    url: null,
    ...locks.line(kind, id, page),
    language: page.languages[0] ?? 'en',
    includeLink: true,
    thread: false,
    enabled: true,
    pausedAt: null,
    pausedReason: null,
    notBefore: null,
    expiresAt: null,
    lastOkAt: null,
    verifiedAt: now,
    checkAt: null,
    checkedAt: now,
    checkFailure: null,
    position: all.length + 1,
    laneBy: null,
    laneUntil: null,
    createdAt: now,
    updatedAt: now,
  };
  await insertConnection(w, line);
  return line;
}

/** The timeline of the rooms of a Matrix server: events in order, what was redacted, what replaces what. */
import type { Account, Post } from '../facts.ts';
import type { Call } from '../network.ts';
import { ALPHANUMERIC, seededWord } from '../random.ts';
import type { World } from '../world.ts';

type Content = Record<string, unknown>;

export const SERVER = 'northwind.test';
export const roomOf = (world: World, account: Pick<Account, 'handle'>): string =>
  `!${seededWord(world.seed, `matrix ${account.handle} room`, 18, ALPHANUMERIC)}:${SERVER}`;

interface Entry {
  pos: number;
  id: string;
  room: string;
  sender: string;
  at: number;
  content: Content;
  /** The post that this event made, or that it replaces. */
  post: Post | undefined;
  isEdit: boolean;
  /** The session that sent it, and its transaction. */
  session: string;
  transaction: string | undefined;
}

export function openTimeline(world: World) {
  const entries: Entry[] = [];

  const nextId = (): string =>
    `$${seededWord(world.seed, `matrix event ${entries.length}`, 43, `${ALPHANUMERIC}-_`)}`;

  const isShown = ({ post, isEdit }: Entry): boolean => isEdit || post === undefined || world.shows(post);

  /** An event as the server gives it to one session. */
  function eventOf(entry: Entry, session: string): Content {
    const isGone = entry.post?.deletedAt != null;
    const newest = entries.findLast((one) => one.isEdit && one.post === entry.post && one.post !== undefined);
    return {
      type: 'm.room.message',
      event_id: entry.id,
      room_id: entry.room,
      sender: entry.sender,
      origin_server_ts: entry.at,
      content: isGone ? {} : entry.content,
      unsigned: {
        age: world.now() - entry.at,
        ...(entry.session === session && entry.transaction !== undefined
          ? { transaction_id: entry.transaction }
          : {}),
        ...(isGone ? { redacted_because: { type: 'm.room.redaction', sender: entry.sender } } : {}),
        ...(newest === undefined || entry.isEdit || isGone
          ? {}
          : { 'm.relations': { 'm.replace': eventOf(newest, session) } }),
      },
    };
  }

  return {
    nextId,
    eventOf,
    add(entry: Omit<Entry, 'pos'>): void {
      entries.push({ ...entry, pos: entries.length + 1 });
    },
    find: (room: string, id: string): Entry | undefined =>
      entries.find(
        (one) => one.room === room && one.id === id && (isShown(one) || one.post?.deletedAt != null),
      ),

    /** A page back in time: from a token, until another, through a filter. */
    back(room: string, query: URLSearchParams, session: string): Content {
      const limit = Number(query.get('limit') ?? 10);
      const from = positionOf(query.get('from')) ?? entries.length;
      const to = positionOf(query.get('to')) ?? 0;
      const filter = JSON.parse(query.get('filter') ?? '{}') as { senders?: string[] };
      const fitting = entries
        .filter((one) => one.room === room && one.pos <= from && one.pos > to && isShown(one))
        .filter((one) => filter.senders === undefined || filter.senders.includes(one.sender))
        .toReversed();
      const page = fitting.slice(0, limit);
      const last = page.at(-1);
      return {
        start: `t${from}`,
        ...(fitting.length > page.length && last !== undefined ? { end: `t${last.pos - 1}` } : {}),
        chunk: page.map((one) => eventOf(one, session)),
      };
    },

    /** What is new since a token; after a flood only the end of it, and where the gap begins. */
    sync(room: string, call: Call, session: string): Content {
      const since = positionOf(call.query.get('since')) ?? 0;
      const filter = JSON.parse(call.query.get('filter') ?? '{}') as {
        room?: { timeline?: { limit?: number } };
      };
      const limit = filter.room?.timeline?.limit ?? 10;
      const fresh = entries.filter((one) => one.room === room && one.pos > since && isShown(one));
      const page = fresh.slice(-limit);
      const first = page[0];
      const join =
        first === undefined
          ? {}
          : {
              [room]: {
                timeline: {
                  events: page.map((one) => eventOf(one, session)),
                  limited: fresh.length > page.length,
                  prev_batch: `t${first.pos - 1}`,
                },
              },
            };
      return { next_batch: `s${page.at(-1)?.pos ?? since}`, rooms: { join } };
    },
  };
}

const positionOf = (token: string | null): number | undefined =>
  token === null ? undefined : Number(token.replace(/^[st]/, ''));

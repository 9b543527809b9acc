import { askJson, rootOf } from './ask-json.ts';
import { askOnce } from './ask-once.ts';
import { recordOf, textOf, unreadable } from './classify.ts';
import { ChannelError, type ChannelTools } from './contract.ts';
import { failureOf, type MatrixEvent, NETWORK, readEvent } from './matrix-event.ts';

export const PAGE = 100;
const PAGES = 20;

/** Who we are, and the room's own number. */
export interface Place {
  user: string;
  room: string;
}

/** One segment of a path: ids have `!`, `$`, `:` and more in them. */
export const part = encodeURIComponent;
export const isGone = (error: unknown): boolean =>
  error instanceof ChannelError && error.code === 'M_NOT_FOUND';

/** What can be asked about one room with one account. */
export function openRoom(values: Record<string, string>, tools: ChannelTools) {
  const root = rootOf(values['homeserver'], '');
  const authorization = `Bearer ${(values['accessToken'] ?? '').trim()}`;
  const people = new Map<string, string | undefined>();
  const senders = new Map<string, string | undefined>();

  async function ask(
    method: 'GET' | 'PUT',
    path: string,
    signal: AbortSignal,
    body?: Record<string, unknown>,
  ): Promise<Record<string, unknown>> {
    const url = `${root}/_matrix/client/v3${path}`;
    const safe = method === 'GET';
    const answer = await askJson(tools, {
      method,
      url,
      signal,
      headers: { authorization },
      ...(body === undefined ? {} : { body }),
    });
    if (answer.status !== 200) throw failureOf(answer, tools.now(), safe);
    if (answer.json === undefined) throw unreadable(NETWORK, 200, safe);
    return recordOf(answer.json);
  }

  const whereAmI = askOnce(look);
  async function look(signal: AbortSignal): Promise<Place> {
    const user = textOf((await ask('GET', '/account/whoami', signal))['user_id']);
    const typed = (values['room'] ?? '').trim();
    const room = typed.startsWith('#')
      ? textOf((await ask('GET', `/directory/room/${part(typed)}`, signal))['room_id'])
      : typed;
    if (user === undefined || room === undefined) throw unreadable(NETWORK, 200, true);
    return { user, room };
  }

  /** A state of the room; undefined when it has none of that kind. */
  async function stateOf(room: string, type: string, key: string, signal: AbortSignal) {
    try {
      return await ask('GET', `/rooms/${part(room)}/state/${type}/${part(key)}`, signal);
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  }

  const urlOf = (room: string, id: string, user: string): string =>
    root.startsWith('http:')
      ? `${root}/room/${part(room)}/${part(id)}`
      : `https://matrix.to/#/${part(room)}/${part(id)}?via=${part(user.slice(user.indexOf(':') + 1))}`;

  /** Messages back from `from` (or the end) until `isEnough`, newest first, and whether that was all. */
  async function back(
    room: string,
    about: { from?: string; to?: string; senders?: string[]; isEnough?: (page: MatrixEvent[]) => boolean },
    signal: AbortSignal,
  ): Promise<{ events: MatrixEvent[]; whole: boolean }> {
    const events: MatrixEvent[] = [];
    const filter = JSON.stringify({
      types: ['m.room.message'],
      ...(about.senders === undefined ? {} : { senders: about.senders }),
    });
    let from = about.from;
    for (let i = 0; i < PAGES; i++) {
      const query = new URLSearchParams({ dir: 'b', limit: String(PAGE), filter });
      if (from !== undefined) query.set('from', from);
      if (about.to !== undefined) query.set('to', about.to);
      const answer = await ask('GET', `/rooms/${part(room)}/messages?${query}`, signal);
      if (!Array.isArray(answer['chunk'])) throw unreadable(NETWORK, 200, true);
      const page = answer['chunk'].flatMap((one) => readEvent(one) ?? []);
      events.push(...page);
      from = textOf(answer['end']);
      if (from === undefined || about.isEnough?.(page) === true) return { events, whole: true };
    }
    return { events, whole: false };
  }

  /** Who wrote an event; undefined when it is not there any more. */
  async function senderOf(room: string, id: string, signal: AbortSignal): Promise<string | undefined> {
    if (!senders.has(id)) {
      try {
        const event = await ask('GET', `/rooms/${part(room)}/event/${part(id)}`, signal);
        senders.set(id, textOf(event['sender']));
      } catch (error) {
        if (!isGone(error)) throw error;
        senders.set(id, undefined);
      }
    }
    return senders.get(id);
  }

  async function nameOf(room: string, user: string, signal: AbortSignal): Promise<string | undefined> {
    if (!people.has(user))
      people.set(user, textOf((await stateOf(room, 'm.room.member', user, signal))?.['displayname']));
    return people.get(user);
  }

  return {
    root,
    ask,
    whereAmI,
    stateOf,
    urlOf,
    back,
    senders,
    senderOf,
    nameOf,
  };
}

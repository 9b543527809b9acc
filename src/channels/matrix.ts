import type { Abilities, RemotePost, Seen } from '../domain/channel.ts';
import { listOf, recordOf, textOf, tooMany, unreadable } from './classify.ts';
import { type Channel, ChannelError, type ChannelKind, type ChannelTools } from './contract.ts';
import { earliest } from './look-back.ts';
import {
  contentOf,
  idOf,
  inboundOf,
  limits,
  type MatrixEvent,
  NETWORK,
  namesUs,
  readEvent,
  replacementOf,
} from './matrix-event.ts';
import { isGone, openRoom, PAGE, type Place, part } from './matrix-room.ts';
import { pickOurs } from './same-words.ts';
import { shortKey } from './short-key.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** How many events we remember the authors of; asking again is cheap. */
const KNOWN_SENDERS = 5_000;

const can: Abilities = {
  replies: true,
  edit: 'in_place',
  remove: true,
  // The specification sets no end, but Synapse forgets a transaction after a day (`_cleanup_old_transaction_ids`),
  // and a new access token begins anew.
  idempotent: 'window',
  idempotentMs: 24 * HOUR,
  find: true,
  read: true,
  inbound: 'poll',
  altText: false,
  lagMs: 5_000,
  whenUnverifiable: 'hold',
  everyUpdate: false,
};

/** A room on Matrix, without encryption, through an account on any homeserver. */
export const matrix: ChannelKind = {
  kind: 'matrix',
  name: NETWORK,
  lifecycle: 'active',
  limits,
  can,
  template: 'long',
  cost: 'free',
  defaultRole: 'brand',
  checkedOn: '2026-11-21',
  promise:
    'A Matrix server recognises a repeated post for a while, as long as the access token stays the same, and we do not rely on it. If the connection breaks while we send, we look through the room for the post before anything is sent again. A post counts as delivered when we have read it back.',
  fields: [
    {
      name: 'homeserver',
      label: 'Homeserver',
      help: 'The address of the server that the account is on.',
      secret: false,
      required: true,
      placeholder: 'https://matrix.example.org',
    },
    {
      name: 'room',
      label: 'Room',
      help: 'Its address, as #status:example.org, or its ID, which begins with !. It must not be encrypted.',
      secret: false,
      required: true,
      placeholder: '#status:example.org',
    },
    {
      name: 'accessToken',
      label: 'Access token',
      help: 'In Element: All settings, Help & About, Access Token. Do not log that session out afterwards.',
      secret: true,
      required: true,
    },
  ],
  steps: [
    'Make an account for your brand on a homeserver, and set its name and picture.',
    'Log in with it once, join the room, and copy the access token of that session.',
    'In the room’s settings let only moderators send messages, and make the account one.',
  ],
  open: (values, tools) => openMatrix(values, tools),
};

function openMatrix(values: Record<string, string>, tools: ChannelTools): Channel {
  const place = openRoom(values, tools);
  const { root, ask, whereAmI, stateOf, urlOf, back, senders, senderOf, nameOf } = place;

  async function send(
    { room, user }: Place,
    transaction: string,
    content: Record<string, unknown>,
    signal: AbortSignal,
  ): Promise<RemotePost> {
    const path = `/rooms/${part(room)}/send/m.room.message/${part(transaction)}`;
    const id = textOf((await ask('PUT', path, signal, content))['event_id']);
    if (id === undefined) throw unreadable(NETWORK, 200);
    return { id, url: urlOf(room, id, user) };
  }

  async function readOne(post: RemotePost, signal: AbortSignal): Promise<Seen | null> {
    const { room, user } = await whereAmI(signal);
    const id = idOf(post.id);
    try {
      const event = readEvent(await ask('GET', `/rooms/${part(room)}/event/${part(id)}`, signal));
      return event === undefined ? null : { id, url: urlOf(room, id, user), text: event.text };
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  }

  return {
    async verify(signal) {
      whereAmI.forget();
      const { user, room } = await whereAmI(signal);
      const member = await stateOf(room, 'm.room.member', user, signal);
      if (member?.['membership'] !== 'join')
        throw new ChannelError('auth', `${user} is not in the room. Invite it, and let it join.`, {
          code: 'not_joined',
        });
      if ((await stateOf(room, 'm.room.encryption', '', signal)) !== undefined)
        throw new ChannelError(
          'rejected',
          'The room is encrypted, and what we post is for everybody. Choose a room without encryption.',
          { code: 'encrypted' },
        );
      const name = textOf((await stateOf(room, 'm.room.name', '', signal))?.['name']) ?? room;
      const web = root.startsWith('http:')
        ? `${root}/room/${part(room)}`
        : `https://matrix.to/#/${part(room)}`;
      return { account: `${user} in ${name}`, url: web, limits, can };
    },
    async publish(draft, key, signal) {
      const content = contentOf(draft);
      return send(await whereAmI(signal), key.id, content, signal);
    },
    async find(draft, key, signal) {
      const { room, user } = await whereAmI(signal);
      const since = earliest(key);
      const isEnough = (page: MatrixEvent[]) => page.length > 0 && page.every((one) => one.at < since);
      const { events, whole } = await back(room, { senders: [user], isEnough }, signal);
      const ours = events.filter((one) => one.sender === user && !one.isEdit && one.at >= since);
      // An event of this session that names another transaction is another post, whatever it says.
      const unnamed = ours.filter((one) => one.transaction === undefined);
      const found = ours.find((one) => one.transaction === key.id) ?? pickOurs(unnamed, draft);
      if (found !== undefined) return { id: found.id, url: urlOf(room, found.id, user), text: found.text };
      if (whole) return null;
      throw tooMany(NETWORK);
    },
    read: readOne,
    async edit(post, draft, key, signal) {
      const content = replacementOf(post.id, draft);
      // A server takes a correction of what is gone, and nobody would see it.
      if ((await readOne(post, signal)) === null)
        throw new ChannelError('rejected', 'The post is not on Matrix any more, so it cannot be corrected.', {
          code: 'gone',
        });
      await send(await whereAmI(signal), key.id, content, signal);
      return post;
    },
    async remove(post, signal) {
      const { room } = await whereAmI(signal);
      const id = idOf(post.id);
      try {
        await ask('PUT', `/rooms/${part(room)}/redact/${part(id)}/remove-${shortKey(id, 24)}`, signal, {});
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    },
    async poll(cursor, signal) {
      const { room, user } = await whereAmI(signal);
      const query = new URLSearchParams({ timeout: '0', filter: syncFilter(room) });
      if (cursor !== null) query.set('since', cursor);
      const answer = await ask('GET', `/sync?${query}`, signal);
      const next = textOf(answer['next_batch']);
      if (next === undefined) throw unreadable(NETWORK, 200, true);
      const joined = recordOf(recordOf(recordOf(answer['rooms'])['join'])[room]);
      const timeline = recordOf(joined['timeline']);
      const fresh = listOf(timeline['events']).flatMap((one) => readEvent(one) ?? []);
      const before = textOf(timeline['prev_batch']);
      // After a flood the server leaves a gap, which has to be asked for.
      if (cursor !== null && timeline['limited'] === true && before !== undefined) {
        const gap = await back(room, { from: before, to: cursor }, signal);
        fresh.unshift(...gap.events.toReversed());
      }
      const items = [];
      if (senders.size > KNOWN_SENDERS) senders.clear();
      for (const event of fresh) {
        senders.set(event.id, event.sender);
        if (event.sender === user || event.isEdit) continue;
        const above = event.answers === undefined ? undefined : await senderOf(room, event.answers, signal);
        if (above !== user && !namesUs(event, user)) continue;
        const name = await nameOf(room, event.sender, signal);
        items.push(inboundOf(event, name, urlOf(room, event.id, user)));
      }
      return { items, cursor: next };
    },
  };
}

/** Messages of one room, and nothing else that a server would send along. */
const syncFilter = (room: string): string => {
  const none = { types: [] };
  const timeline = { limit: PAGE, types: ['m.room.message'] };
  return JSON.stringify({
    room: { rooms: [room], timeline, state: none, ephemeral: none, account_data: none },
    presence: none,
    account_data: none,
  });
};

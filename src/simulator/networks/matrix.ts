import type { Account, Post } from '../facts.ts';
import {
  type Answer,
  bearer,
  type Call,
  json,
  type NetworkKind,
  objectField,
  type Route,
  textField,
} from '../network.ts';
import { ALPHANUMERIC } from '../random.ts';
import { RateWindow } from '../rates.ts';
import { openTimeline, roomOf, SERVER } from './matrix-rooms.ts';

const DAY = 24 * 3_600_000;
const MAX_EVENT = 65_536;
/** What the server adds to an event: ids, times, hashes, signatures. */
const ENVELOPE = 1_000;

/** A Matrix homeserver, by https://spec.matrix.org/v1.16/client-server-api/, with the habits of Synapse. */
export const matrix: NetworkKind = {
  kind: 'matrix',
  name: 'Matrix',
  handle: 'northwindpay',
  open(world) {
    const timeline = openTimeline(world);
    // Synapse's rc_message: a burst of 10, then one in 5 seconds.
    const perUser = new RateWindow(10, 50_000);
    /** Kept for a day by Synapse, per session and path. */
    const transactions = new Map<string, { id: string; until: number }>();

    const aliasOf = (account: Account): string => `#${account.handle}-status:${SERVER}`;
    const inRoom = (
      method: Route['method'],
      path: string,
      does: Route['does'],
      run: (call: Call, account: Account) => Answer,
    ): Route => ({
      method,
      path: `/_matrix/client/v3/rooms/:room${path}`,
      does,
      run: (call, account) =>
        call.params['room'] === roomOf(world, account)
          ? run(call, account)
          : failed(403, 'M_FORBIDDEN', `User ${account.id} not in room ${call.params['room']}`),
    });

    const send = (call: Call, account: Account): Answer => {
      const session = bearer(call);
      const place = `${session} ${call.path}`;
      const kept = transactions.get(place);
      if (kept !== undefined && call.now < kept.until) {
        const post = timeline.find(call.params['room'] ?? '', kept.id)?.post;
        if (post !== undefined) post.receipts += 1;
        return json(200, { event_id: kept.id });
      }
      if (call.raw.length + ENVELOPE > MAX_EVENT) return failed(413, 'M_TOO_LARGE', 'event too large');
      const body = textField(call.body, 'body');
      if (textField(call.body, 'msgtype') === undefined || body === undefined) {
        return failed(400, 'M_BAD_JSON', 'msgtype and body are required');
      }
      const window = perUser.take(account.id, call.now);
      if (window.refused && world.metered(account)) return refusal(429, (window.resetAt - call.now) / 1000);
      const relation = objectField(call.body, 'm.relates_to');
      const isEdit = relation['rel_type'] === 'm.replace';
      const id = timeline.nextId();
      const post = isEdit
        ? replace(call, account, String(relation['event_id']))
        : keep(call, account, id, body);
      timeline.add({
        id,
        room: roomOf(world, account),
        sender: account.id,
        at: call.now,
        content: call.body,
        post,
        isEdit,
        session,
        transaction: call.params['txn'],
      });
      transactions.set(place, { id, until: call.now + DAY });
      return json(200, { event_id: id });
    };

    /** Only the sender's own replacement counts; a server takes any other without a word. */
    const replace = (call: Call, account: Account, target: string): Post | undefined => {
      const post = timeline.find(roomOf(world, account), target)?.post;
      if (post === undefined || post.deletedAt !== null || post.byCustomer) return undefined;
      world.edit(post, textField(objectField(call.body, 'm.new_content'), 'body') ?? '');
      return post;
    };

    const keep = (call: Call, account: Account, id: string, body: string): Post => {
      const answered = objectField(objectField(call.body, 'm.relates_to'), 'm.in_reply_to')['event_id'];
      return world.keep({
        network: 'matrix',
        account: account.id,
        author: { id: account.id, handle: account.handle, name: account.name },
        id,
        key: call.params['txn'] ?? null,
        text: body,
        at: call.now,
        parent: typeof answered === 'string' ? answered : null,
        raw: { content: call.body },
        ...places(call.base, roomOf(world, account), id),
      });
    };

    return {
      credentials(seed, base) {
        const settings = { homeserver: base, room: `#${seed.handle}-status:${SERVER}` };
        return {
          id: seed.id ?? `@${seed.handle}:${SERVER}`,
          settings,
          secrets: { accessToken: `syt_${seed.word('accessToken', 40, ALPHANUMERIC)}` },
          extra: { otherToken: `syt_${seed.word('otherToken', 40, ALPHANUMERIC)}` },
        };
      },

      authenticate(call) {
        const token = bearer(call);
        const account = world.accounts.find(
          (one) =>
            one.network === 'matrix' &&
            token !== '' &&
            [one.secrets['accessToken'], one.extra['otherToken']].includes(token),
        );
        return account ?? UNKNOWN_TOKEN;
      },
      refusal,
      expired: () => UNKNOWN_TOKEN,

      hear(account, said, base) {
        const id = timeline.nextId();
        const room = roomOf(world, account);
        const post = world.keep({
          network: 'matrix',
          account: account.id,
          byCustomer: true,
          author: said.author,
          id,
          text: said.text,
          at: said.at,
          parent: said.inReplyTo,
          ...places(base, room, id),
        });
        const relation =
          said.inReplyTo === null
            ? {}
            : { 'm.relates_to': { 'm.in_reply_to': { event_id: said.inReplyTo } } };
        timeline.add({
          id,
          room,
          sender: `@${said.author.handle}:customers.test`,
          at: said.at,
          content: { msgtype: 'm.text', body: said.text, ...relation },
          post,
          isEdit: false,
          session: '',
          transaction: undefined,
        });
        return post;
      },

      routes: [
        {
          method: 'GET',
          path: '/_matrix/client/v3/account/whoami',
          does: ['verify'],
          run: (_call, account) => json(200, { user_id: account.id, device_id: 'TOCSIN', is_guest: false }),
        },
        {
          method: 'GET',
          path: '/_matrix/client/v3/directory/room/:alias',
          does: ['verify'],
          run: (call, account) =>
            call.params['alias'] === aliasOf(account)
              ? json(200, { room_id: roomOf(world, account), servers: [SERVER] })
              : failed(404, 'M_NOT_FOUND', `Room alias ${call.params['alias']} not found`),
        },
        {
          method: 'GET',
          path: '/_matrix/client/v3/sync',
          does: ['poll'],
          run: (call, account) => json(200, timeline.sync(roomOf(world, account), call, bearer(call))),
        },
        {
          method: 'GET',
          path: '/_matrix/client/v3/rooms/:room/state/:type/*key',
          does: ['verify', 'poll'],
          run: (call, account) => stateOf(call, account),
        },
        {
          method: 'GET',
          path: '/_matrix/client/v3/rooms/:room/state/:type',
          does: ['verify'],
          run: (call, account) => stateOf(call, account),
        },
        inRoom('PUT', '/send/m.room.message/:txn', ['publish', 'edit'], send),
        inRoom('GET', '/messages', ['find', 'poll'], (call, account) =>
          json(200, timeline.back(roomOf(world, account), call.query, bearer(call))),
        ),
        inRoom('GET', '/event/:event', ['read'], (call, account) => {
          const entry = timeline.find(roomOf(world, account), call.params['event'] ?? '');
          return entry === undefined
            ? failed(404, 'M_NOT_FOUND', 'Event not found.')
            : json(200, timeline.eventOf(entry, bearer(call)));
        }),
        inRoom('PUT', '/redact/:event/:txn', ['remove'], (call, account) => {
          const post = timeline.find(roomOf(world, account), call.params['event'] ?? '')?.post;
          if (post === undefined) return failed(404, 'M_NOT_FOUND', 'Event not found.');
          if (post.deletedAt === null) world.remove(post);
          return json(200, { event_id: timeline.nextId() });
        }),
      ],
    };

    function stateOf(call: Call, account: Account): Answer {
      const { type, key = '' } = call.params;
      const none = failed(404, 'M_NOT_FOUND', 'Event not found.');
      if (type === 'm.room.name') return json(200, { name: `${account.name} status` });
      if (type === 'm.room.encryption')
        return account.options['encrypted'] === true
          ? json(200, { algorithm: 'm.megolm.v1.aes-sha2' })
          : none;
      if (type !== 'm.room.member') return none;
      if (key === account.id)
        return json(200, { membership: account.options['member'] ?? 'join', displayname: account.name });
      const person = world
        .posts('matrix')
        .find((post) => post.byCustomer && key === `@${post.author.handle}:customers.test`);
      return person === undefined ? none : json(200, { membership: 'join', displayname: person.author.name });
    }
  },
};

function places(base: string, room: string, id: string): Pick<Post, 'url' | 'paths'> {
  const url = `${base}/room/${encodeURIComponent(room)}/${encodeURIComponent(id)}`;
  return { url, paths: [`/room/${room}/${id}`] };
}

const failed = (status: number, errcode: string, error: string): Answer => json(status, { errcode, error });
const UNKNOWN_TOKEN = json(401, { errcode: 'M_UNKNOWN_TOKEN', error: 'Unknown token', soft_logout: false });

const WORDS: Record<number, [string, string]> = {
  400: ['M_BAD_JSON', 'Bad JSON'],
  401: ['M_UNKNOWN_TOKEN', 'Unknown token'],
  403: ['M_FORBIDDEN', "You don't have permission to post that to the room."],
  404: ['M_UNRECOGNIZED', 'Unrecognized request'],
};

/** Wait in seconds; the body has it in milliseconds, which is deprecated and still what most servers send. */
function refusal(code: number, retryAfter: number | undefined): Answer {
  const seconds = retryAfter ?? (code === 429 ? 5 : undefined);
  const headers = seconds === undefined ? {} : { 'retry-after': String(Math.ceil(seconds)) };
  if (code === 429) {
    const wait = Math.ceil((seconds ?? 0) * 1000);
    return json(
      429,
      { errcode: 'M_LIMIT_EXCEEDED', error: 'Too Many Requests', retry_after_ms: wait },
      headers,
    );
  }
  const [errcode, error] = WORDS[code] ?? ['M_UNKNOWN', 'Internal server error'];
  return json(code, { errcode, error }, headers);
}

/** How Google Chat keeps and writes messages: the same for apps and webhooks. */
import type { Account, Post } from '../facts.ts';
import { type Answer, type Call, json, objectField, textField } from '../network.ts';
import { ALPHANUMERIC, seededWord } from '../random.ts';
import { RateWindow } from '../rates.ts';
import type { World } from '../world.ts';

const MAX_BYTES = 32_000;

export const spaceOf = (world: World, account: Pick<Account, 'network' | 'handle'>): string =>
  `AAAA${seededWord(world.seed, `${account.network} ${account.handle} space`, 7, ALPHANUMERIC)}`;

/** An error in Google's envelope. */
export const failed = (code: number, status: string, message: string): Answer =>
  json(code, { error: { code, message, status } });

const STATUS: Record<number, [string, string]> = {
  400: ['INVALID_ARGUMENT', 'Request contains an invalid argument.'],
  401: ['UNAUTHENTICATED', 'Request had invalid authentication credentials.'],
  403: ['PERMISSION_DENIED', 'The caller does not have permission'],
  404: ['NOT_FOUND', 'Requested entity was not found.'],
  429: ['RESOURCE_EXHAUSTED', "Quota exceeded for quota metric 'Message write requests'."],
  500: ['INTERNAL', 'Internal error encountered.'],
  503: ['UNAVAILABLE', 'The service is currently unavailable.'],
  504: ['DEADLINE_EXCEEDED', 'Deadline expired before operation could complete.'],
};

/** Google's words for a status. A 429 does not say how long to wait. */
export function refusal(code: number, retryAfter?: number): Answer {
  const [status, message] = STATUS[code] ?? ['UNKNOWN', `Error ${code}`];
  const answer = failed(code, status, message);
  if (retryAfter !== undefined && code !== 429) answer.headers = { 'retry-after': String(retryAfter) };
  return answer;
}

/** A message as the API gives it. */
export function messageOf(world: World, account: Account, post: Post): Record<string, unknown> {
  return {
    name: post.id,
    sender: { name: `users/${post.author.id}`, type: 'BOT', displayName: post.author.name },
    createTime: new Date(post.at).toISOString(),
    ...(post.editedAt === null ? {} : { lastUpdateTime: new Date(post.editedAt).toISOString() }),
    text: post.text,
    thread: { name: post.raw['thread'] },
    space: { name: `spaces/${spaceOf(world, account)}` },
    ...(post.raw['clientId'] === undefined ? {} : { clientAssignedMessageId: post.raw['clientId'] }),
  };
}

/** Creates messages for one kind of caller; the state of requests and threads is its own. */
export function openMessages(world: World): {
  create(call: Call, account: Account): Answer;
  read(call: Call): string | Answer;
  find(name: string): Post | undefined;
} {
  let made = 0;
  // "Per-space quotas: write requests 1 per second", as 60 in a minute.
  const perSpace = new RateWindow(60, 60_000);
  /** Request ids are documented without an end. */
  const requests = new Map<string, string>();
  const own = new Map<string, string>();

  function read(call: Call): string | Answer {
    const text = textField(call.body, 'text') ?? '';
    if (text === '') {
      return failed(
        400,
        'INVALID_ARGUMENT',
        `Message cannot be empty. Discarding empty create message request in spaces/${call.params['space']}.`,
      );
    }
    if (Buffer.byteLength(text) > MAX_BYTES)
      return failed(400, 'INVALID_ARGUMENT', 'Message exceeds the maximum size of 32000 bytes.');
    return text;
  }

  return {
    read,
    find: (name) => world.post(name.split(' ')[0] ?? '', own.get(name) ?? name.split(' ')[1] ?? ''),
    create(call, account) {
      const kind = account.network;
      const request = call.query.get('requestId');
      const there = request === null ? undefined : requests.get(`${account.id} ${request}`);
      const again = there === undefined ? undefined : world.post(kind, there);
      if (again !== undefined) {
        again.receipts += 1;
        return json(200, messageOf(world, account, again));
      }
      const text = read(call);
      if (typeof text !== 'string') return text;
      const space = `spaces/${spaceOf(world, account)}`;
      const clientId = call.query.get('messageId') ?? undefined;
      if (clientId !== undefined && !/^client-[a-z\d-]{1,56}$/.test(clientId))
        return failed(400, 'INVALID_ARGUMENT', 'Invalid custom message id.');
      const ownName = `${kind} ${space}/messages/${clientId}`;
      if (clientId !== undefined && own.has(ownName))
        return failed(409, 'ALREADY_EXISTS', 'Requested entity already exists');
      const window = perSpace.take(account.id, call.now);
      if (window.refused && world.metered(account)) return refusal(429);
      const wanted = objectField(call.body, 'thread');
      const named = textField(wanted, 'name');
      const root = world
        .posts(kind)
        .find((post) => post.parent === null && post.raw['thread'] === named && named !== undefined);
      // Without an option to answer, what is said about a thread is not read at all.
      const isAnswer =
        root !== undefined && (call.query.get('messageReplyOption') ?? '').startsWith('REPLY_');
      made += 1;
      const word = seededWord(world.seed, `${kind} ${account.id} message ${made}`, 11, ALPHANUMERIC);
      const thread = isAnswer ? String(root.raw['thread']).split('/').at(-1) : word;
      const id = `${space}/messages/${thread}.${word}`;
      const path = `/room/${space.slice('spaces/'.length)}/${thread}/${word}`;
      const post = world.keep({
        network: kind,
        account: account.id,
        author: { id: account.id, handle: account.handle, name: account.name },
        id,
        key: request,
        text,
        at: call.now,
        parent: isAnswer ? root.id : null,
        url: `${call.base}${path}`,
        paths: [path],
        raw: {
          thread: `${space}/threads/${thread}`,
          pings: text.match(/<users\/[^<>]+>/g) ?? [],
          ...(clientId === undefined ? {} : { clientId }),
        },
      });
      if (request !== null) requests.set(`${account.id} ${request}`, id);
      if (clientId !== undefined) own.set(ownName, id);
      return json(200, messageOf(world, account, post));
    },
  };
}

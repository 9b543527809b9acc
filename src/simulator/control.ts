/** The simulator's own addresses, `/_sim/…`: the truth, and the levers, for tests, drills and the crash harness. */
import type { ServerResponse } from 'node:http';
import { parseAccount } from './facts.ts';
import { parseFaults } from './faults.ts';
import { type Answer, json } from './network.ts';
import type { World } from './world.ts';

interface Request {
  method: string;
  path: string;
  query: URLSearchParams;
  raw: Buffer;
}

/**
 * GET  health | accounts | faults | posts?network=&account=&by=account,customer,any | journal?since=<seq> | pictures/<name>
 * POST accounts | faults (the whole list; ?add=1 appends) | mentions | clock {skipMs} | reset
 */
export function serveControl(world: World, request: Request): Answer {
  try {
    return (
      answer(world, request) ?? json(404, { error: `No such address: ${request.method} ${request.path}` })
    );
  } catch (error) {
    if (error instanceof TypeError) return json(422, { error: error.message });
    throw error;
  }
}

function answer(world: World, { method, path, query, raw }: Request): Answer | undefined {
  const body = parsed(raw);
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const picture = method === 'GET' ? /^\/pictures\/(\w+)$/.exec(path)?.[1] : undefined;
  if (picture !== undefined) return pictureOf(world, picture);
  switch (`${method} ${path}`) {
    case 'GET /health':
      return json(200, { ok: true, now: world.now(), seed: world.seed });
    case 'GET /accounts':
      return json(200, world.accounts);
    case 'POST /accounts':
      return json(201, world.addAccount(parseAccount(fields)));
    case 'GET /faults':
      return json(200, world.faults.list());
    case 'POST /faults': {
      const faults = parseFaults(
        body,
        world.kinds.map((kind) => kind.kind),
      );
      if (query.has('add')) world.faults.add(faults);
      else world.faults.set(faults);
      return json(200, world.faults.list());
    }
    case 'GET /posts':
      return json(200, truth(world, query));
    case 'GET /journal':
      return json(200, world.journal(Number(query.get('since') ?? 0)));
    case 'POST /mentions':
      return hear(world, fields);
    case 'POST /clock': {
      const ms = fields['skipMs'];
      if (typeof ms !== 'number' || !(ms >= 0)) throw new TypeError('skipMs: expected milliseconds');
      world.skip(ms);
      return json(200, { now: world.now() });
    }
    case 'POST /reset':
      world.reset();
      world.faults.set([]);
      return json(200, { ok: true });
    default:
      return undefined;
  }
}

/** The bytes that a network was given, and nothing that a browser could run. */
function pictureOf(world: World, name: string): Answer | undefined {
  const found = world.pictures.get(name);
  return (
    found && {
      status: 200,
      headers: {
        'content-type': /^image\/(png|jpeg|webp|gif)$/.test(found.mime)
          ? found.mime
          : 'application/octet-stream',
        'content-security-policy': "default-src 'none'; sandbox",
        'x-content-type-options': 'nosniff',
      },
      body: found.bytes,
    }
  );
}

function parsed(raw: Buffer): unknown {
  if (raw.length === 0) return undefined;
  try {
    return JSON.parse(raw.toString('utf8')) as unknown;
  } catch {
    throw new TypeError('body: not JSON');
  }
}

function truth(world: World, query: URLSearchParams): unknown[] {
  const network = query.get('network');
  const name = query.get('account');
  const by = query.get('by') ?? 'account';
  const kinds = network === null ? world.kinds.map((kind) => kind.kind) : [network];
  return kinds.flatMap((kind) => {
    const account = name === null ? undefined : world.account(kind, name);
    if (name !== null && account === undefined) return [];
    return world
      .posts(kind)
      .filter((post) => account === undefined || post.account === account.id)
      .filter((post) => by === 'any' || post.byCustomer === (by === 'customer'))
      .map((post) => ({ ...post, shown: world.shows(post) }));
  });
}

function hear(world: World, fields: Record<string, unknown>): Answer {
  const kind = String(fields['network'] ?? '');
  const network = world.networks.get(kind);
  if (network === undefined)
    throw new TypeError(`network: expected one of ${[...world.networks.keys()].join(', ')}`);
  if (network.hear === undefined) throw new TypeError(`network: nobody can answer on ${kind}`);
  const named = fields['account'];
  const account =
    named === undefined
      ? world.accounts.find((one) => one.network === kind)
      : world.account(kind, String(named));
  if (account === undefined) throw new TypeError('account: no account with this id or handle');
  const text = fields['text'];
  if (typeof text !== 'string' || text === '') throw new TypeError('text: missing');
  const author = (fields['author'] ?? {}) as Record<string, unknown>;
  const handle = String(author['handle'] ?? 'mira_oduya');
  const inReplyTo = fields['inReplyTo'];
  const at = fields['at'];
  const post = network.hear(
    account,
    {
      text,
      author: {
        id: String(author['id'] ?? customerId(handle)),
        handle,
        name: String(author['name'] ?? handle),
      },
      inReplyTo: typeof inReplyTo === 'string' ? inReplyTo : null,
      at: typeof at === 'number' ? at : world.now(),
    },
    account.base,
  );
  return json(201, post);
}

/** A number that is the same for a customer wherever they write. */
function customerId(handle: string): string {
  let sum = 7;
  for (const letter of handle) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 999_999_937;
  return String(2_000_000_000 + sum);
}

/** A reader this far behind (bytes) is let go; its browser comes back by itself. */
const BEHIND_MAX = 1024 * 1024;

/** Server-sent events: one `change` with the network's name after each thing that was kept, edited or removed. */
export function serveStream(world: World, res: ServerResponse): void {
  res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  res.write('retry: 1000\n\n');
  const tell = (network: string): void => {
    if (res.writableLength > BEHIND_MAX) res.destroy();
    else res.write(`event: change\ndata: ${JSON.stringify({ network })}\n\n`);
  };
  world.changes.on('change', tell);
  res.on('close', () => world.changes.off('change', tell));
}

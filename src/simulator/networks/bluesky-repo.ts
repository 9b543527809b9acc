/** A Bluesky repository: what a write must look like, and how posts are kept and listed. */

import type { Account, Post } from '../facts.ts';
import { type Answer, type Call, json, objectField, type Said, textField } from '../network.ts';
import type { Picture } from '../pictures.ts';
import { BASE32, seededWord } from '../random.ts';
import type { World } from '../world.ts';
import { cidOf, complaintAboutPost, TID } from './bluesky-records.ts';

export const POST = 'app.bsky.feed.post';

/** A checked write, or the server's complaint. */
export function readWrite(
  world: World,
  call: Call,
  account: Account,
  create: boolean,
): { rkey: string; record: Record<string, unknown> } | Answer {
  const bad = complaintAboutTarget(world, call, account);
  if (bad !== undefined) return bad;
  const rkey = textField(call.body, 'rkey') ?? (create ? tidAt(call.now) : undefined);
  if (rkey === undefined) return invalid('Input must have the property "rkey"');
  if (!TID.test(rkey)) return invalid(`Invalid rkey "${rkey}": Invalid TID string`);
  const record = objectField(call.body, 'record');
  if (Object.keys(record).length === 0) return invalid('Input must have the property "record"');
  if (record['$type'] !== undefined && record['$type'] !== POST) {
    return invalid(`Invalid $type: expected ${POST}, got ${String(record['$type'])}`);
  }
  const complaint = complaintAboutPost(record);
  if (complaint !== undefined) return invalid(complaint);
  try {
    cidOf(record);
  } catch (error) {
    return invalid(`Bad record: ${(error as Error).message}`);
  }
  return { rkey, record: { $type: POST, ...record } };
}

/** Says no when the write is for another repository or another collection than posts. */
export function complaintAboutTarget(world: World, call: Call, account: Account): Answer | undefined {
  const repo = textField(call.body, 'repo');
  if (repo === undefined) return invalid('Input must have the property "repo"');
  if (repo !== account.id && repo !== account.handle) {
    return world.account('bluesky', repo) === undefined
      ? invalid(`Could not find repo: ${repo}`)
      : json(401, { error: 'AuthenticationRequired', message: 'Authentication Required' });
  }
  const collection = textField(call.body, 'collection');
  return collection === POST ? undefined : invalid(`Unsupported collection: ${String(collection)}`);
}

export function invalid(message: string): Answer {
  return json(400, { error: 'InvalidRequest', message });
}

export function invalidSwap(current: string): Answer {
  return json(400, { error: 'InvalidSwap', message: `Record was at ${current}` });
}

/** The commit that a write made: its own cid, and a revision that grows with time. */
export function commitOf(cid: string, now: number): { cid: string; rev: string } {
  return { cid: cidOf({ data: cid, at: now }), rev: tidAt(now) };
}

const TID_LETTERS = '234567abcdefghijklmnopqrstuvwxyz';
let lastTid = 0n;

/** A fresh TID: microseconds in 53 bits, then 10 bits of clock id, in sortable base32. */
export function tidAt(now: number): string {
  const micros = BigInt(now) * 1000n;
  lastTid = micros > lastTid ? micros : lastTid + 1n;
  let rest = (lastTid << 10n) | 7n;
  let tid = '';
  for (let n = 0; n < 13; n++) {
    tid = TID_LETTERS[Number(rest & 31n)] + tid;
    rest >>= 5n;
  }
  return tid;
}

export function keepRecord(
  world: World,
  fresh: {
    account: Account;
    author: Post['author'];
    byCustomer: boolean;
    base: string;
    rkey: string;
    record: Record<string, unknown>;
    now: number;
  },
): Post {
  const { account, author, base, rkey, record } = fresh;
  const parent = objectField(objectField(record, 'reply'), 'parent')['uri'];
  const path = (who: string): string => `/profile/${who}/post/${rkey}`;
  return world.keep({
    network: 'bluesky',
    account: account.id,
    author,
    byCustomer: fresh.byCustomer,
    id: `at://${author.id}/${POST}/${rkey}`,
    key: fresh.byCustomer ? null : rkey,
    text: String(record['text']),
    at: fresh.now,
    parent: typeof parent === 'string' ? parent : null,
    url: `${base}${path(author.id)}`,
    paths: [path(author.id), path(author.handle)],
    raw: { cid: cidOf(record), record, ...shown(record) },
  });
}

/** Keeps a customer's post, with real references to the post it answers. */
export function hearPost(world: World, account: Account, said: Said, base: string): Post {
  const id = said.author.id.startsWith('did:')
    ? said.author.id
    : `did:plc:${seededWord(world.seed, `bluesky customer ${said.author.handle}`, 24, BASE32)}`;
  const parent = said.inReplyTo === null ? undefined : world.post('bluesky', said.inReplyTo);
  const ref = (post: Post): Record<string, unknown> => ({ uri: post.id, cid: post.raw['cid'] });
  const record: Record<string, unknown> = {
    $type: POST,
    text: said.text,
    createdAt: new Date(said.at).toISOString(),
    langs: ['en'],
    ...(parent === undefined ? {} : { reply: { root: rootOf(parent) ?? ref(parent), parent: ref(parent) } }),
    ...mentionFacets(said.text, account),
  };
  return keepRecord(world, {
    account,
    author: { ...said.author, id },
    byCustomer: true,
    base,
    rkey: tidAt(said.at),
    record,
    now: said.at,
  });
}

function rootOf(post: Post): unknown {
  return objectField(objectField(post.raw, 'record'), 'reply')['root'];
}

function mentionFacets(text: string, account: Account): Record<string, unknown> {
  const name = `@${account.handle}`;
  const start = text.indexOf(name);
  if (start === -1) return {};
  const byteStart = Buffer.byteLength(text.slice(0, start), 'utf8');
  return {
    facets: [
      {
        index: { byteStart, byteEnd: byteStart + Buffer.byteLength(name, 'utf8') },
        features: [{ $type: 'app.bsky.richtext.facet#mention', did: account.id }],
      },
    ],
  };
}

/** The did behind a handle, of an account or of a customer who has written. */
export function didOf(world: World, handle: string): string | undefined {
  const customer = world.posts('bluesky').find((post) => post.author.handle === handle);
  return world.account('bluesky', handle)?.id ?? customer?.author.id;
}

/** The address of a record that `repo`, `collection` and `rkey` name. */
export function uriOf(world: World, query: URLSearchParams): string {
  const repo = query.get('repo') ?? '';
  const did = repo.startsWith('did:') ? repo : (didOf(world, repo) ?? repo);
  return `at://${did}/${query.get('collection') ?? ''}/${query.get('rkey') ?? ''}`;
}

/** Records of a repository by key, newest first unless `reverse`. */
export function listRecords(world: World, call: Call): Answer {
  const repo = world.account('bluesky', call.query.get('repo') ?? '');
  if (repo === undefined) return invalid(`Could not find repo: ${call.query.get('repo') ?? ''}`);
  const limit = Number(call.query.get('limit') ?? 50);
  if (!(limit >= 1 && limit <= 100)) return invalid('Error: limit must be between 1 and 100');
  if (call.query.get('collection') !== POST) return json(200, { records: [] });
  const cursor = call.query.get('cursor');
  const reverse = call.query.get('reverse') === 'true';
  const keyOf = (post: Post): string => post.id.split('/').at(-1) ?? '';
  const kept = world
    .posts('bluesky')
    .filter((post) => post.author.id === repo.id && world.shows(post))
    .filter((post) => cursor === null || (reverse ? keyOf(post) > cursor : keyOf(post) < cursor))
    .sort((a, b) => (keyOf(a) < keyOf(b) === reverse ? -1 : 1));
  const page = kept.slice(0, limit);
  const last = page.at(-1);
  return json(200, {
    records: page.map((post) => ({ uri: post.id, cid: post.raw['cid'], value: post.raw['record'] })),
    ...(last !== undefined && kept.length > page.length ? { cursor: keyOf(last) } : {}),
  });
}

/** The pictures that a record embeds, as every stand-in keeps them. */
function shown(record: Record<string, unknown>): { media?: Picture[] } {
  const images = objectField(record, 'embed')['images'];
  if (!Array.isArray(images)) return {};
  return {
    media: images.map((one: Record<string, unknown>) => {
      const blob = objectField(one, 'image');
      const name = String(objectField(blob, 'ref')['$link']);
      return { alt: String(one['alt']), mime: String(blob['mimeType']), size: Number(blob['size']), name };
    }),
  };
}

import type { Draft, Inbound, Key } from '../domain/channel.ts';
import { recordOf, textOf } from './classify.ts';
import { ChannelError } from './contract.ts';
import { facetsOf } from './facets.ts';

export const POST = 'app.bsky.feed.post';
const DAY = 24 * 3_600_000;

/** The same bytes on every try: nothing in here may come from a clock or a look-up that can change. */
export function recordFor(
  draft: Draft,
  text: string,
  key: Key,
  reply: { reply?: { root: unknown; parent: unknown } },
  images: readonly { image: unknown; alt: string }[] = [],
): Record<string, unknown> {
  const facets = facetsOf(text);
  const card = draft.link !== undefined && !text.includes(draft.link) ? draft.link : undefined;
  return {
    $type: POST,
    text,
    ...(facets.length === 0 ? {} : { facets }),
    ...(draft.language === undefined ? {} : { langs: [draft.language] }),
    ...reply,
    ...(images.length > 0 ? { embed: { $type: 'app.bsky.embed.images', images } } : {}),
    ...(card === undefined || images.length > 0
      ? {}
      : {
          embed: {
            $type: 'app.bsky.embed.external',
            external: { uri: card, title: draft.subject ?? new URL(card).host, description: '' },
          },
        }),
    createdAt: new Date(key.at).toISOString(),
  };
}

/** The parts of `at://<did>/<collection>/<rkey>`. */
export function partsOf(uri: string): { repo: string; collection: string; rkey: string } {
  const found = /^at:\/\/([^/?#]+)\/([^/?#]+)\/([^/?#]+)$/.exec(uri);
  if (found === null)
    throw new ChannelError('rejected', 'This is not the address of a post on Bluesky.', { code: 'bad_id' });
  return { repo: found[1] ?? '', collection: found[2] ?? '', rkey: found[3] ?? '' };
}

/** One line of `listNotifications`. */
export interface Notice {
  uri: string;
  cid: string;
  /** When Bluesky saw it, ISO 8601; its own order. */
  seenAt: string;
  author: Record<string, unknown>;
  record: Record<string, unknown>;
}

export function readNotice(value: unknown): Notice | undefined {
  const { uri, cid, indexedAt, author, record } = recordOf(value);
  if (typeof uri !== 'string' || typeof cid !== 'string' || typeof indexedAt !== 'string') return undefined;
  return { uri, cid, seenAt: indexedAt, author: recordOf(author), record: recordOf(record) };
}

export function inboundOf(
  { uri, cid, seenAt, author, record }: Notice,
  urlOf: (uri: string) => string,
): Inbound {
  const reply = recordOf(record['reply']);
  const root = recordOf(reply['root']);
  const parent = textOf(recordOf(reply['parent'])['uri']);
  const seen = Date.parse(seenAt) || 0;
  const said = Date.parse(textOf(record['createdAt']) ?? '');
  const name = textOf(author['displayName']);
  return {
    id: uri,
    url: urlOf(uri),
    // The writer sets createdAt and can set anything; it counts when Bluesky's own clock does not contradict it.
    at: said <= seen && seen - said < DAY ? said : seen,
    author: {
      id: textOf(author['did']) ?? partsOf(uri).repo,
      handle: `@${textOf(author['handle']) ?? partsOf(uri).repo}`,
      ...(name === undefined || name === '' ? {} : { name }),
    },
    text: textOf(record['text']) ?? '',
    ...(parent === undefined ? {} : { inReplyTo: parent }),
    post: { id: uri, url: urlOf(uri), raw: Object.keys(root).length === 0 ? { cid } : { cid, root } },
  };
}

/** `<instant> <uri> <uri>…`: how far we have come, and what of that instant we have. */
export function readCursor(cursor: string | null): { at: string; uris: string[] } {
  const [at = '', ...uris] = (cursor ?? '').split(' ');
  return { at, uris };
}

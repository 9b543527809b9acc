import type { Inbound, RemotePost, Seen } from '../domain/channel.ts';
import { recordOf, textOf } from './classify.ts';
import { ChannelError } from './contract.ts';

/** A post (t3) or a comment (t1). */
export interface Thing {
  /** With its kind in front, as t1_k3x9ab. */
  id: string;
  permalink: string | undefined;
  /** As it was written: Markdown. */
  text: string;
  at: number;
  parent: string | undefined;
  author: { id: string; name: string };
  /** Neither deleted by its author nor removed by moderators. */
  isShown: boolean;
}

const GONE = new Set(['[deleted]', '[removed]']);

export function readThing(value: unknown): Thing | undefined {
  const data = recordOf(recordOf(value)['data']);
  const id = textOf(data['name']);
  if (id === undefined) return undefined;
  const text = textOf(data['body']) ?? textOf(data['selftext']) ?? '';
  const author = textOf(data['author']) ?? '[deleted]';
  const parent = textOf(data['parent_id']);
  return {
    id,
    permalink: textOf(data['permalink']) ?? textOf(data['context'])?.split('?')[0],
    text,
    at: typeof data['created_utc'] === 'number' ? data['created_utc'] * 1_000 : 0,
    parent: parent === undefined || parent === '' ? undefined : parent,
    author: { id: textOf(data['author_fullname']) ?? author, name: author },
    isShown: !GONE.has(author) && !GONE.has(text) && textOf(data['removed_by_category']) === undefined,
  };
}

/** One page of a listing; undefined for what is none, which is a look that did not work. */
export function readListing(json: unknown): { things: Thing[]; after: string | undefined } | undefined {
  const data = recordOf(recordOf(json)['data']);
  const { children } = data;
  if (!Array.isArray(children)) return undefined;
  return { things: children.flatMap((one) => readThing(one) ?? []), after: textOf(data['after']) };
}

/** Below the site's own address whatever the API says, so that no link leads elsewhere. */
const urlOf = ({ permalink }: Thing, web: string): string | null =>
  permalink !== undefined && /^\/[\w/%-]+$/.test(permalink) ? `${web}${permalink}` : null;

export const postOf = (thing: Thing, web: string): RemotePost => ({ id: thing.id, url: urlOf(thing, web) });
export const seenOf = (thing: Thing, web: string): Seen => ({ ...postOf(thing, web), text: thing.text });
export const inboundOf = (thing: Thing, web: string): Inbound => ({
  id: thing.id,
  url: urlOf(thing, web),
  at: thing.at,
  author: { id: thing.author.id, handle: `u/${thing.author.name}` },
  text: thing.text,
  ...(thing.parent === undefined ? {} : { inReplyTo: thing.parent }),
  post: postOf(thing, web),
});

export function thingId(post: RemotePost): string {
  if (/^t[13]_[a-z0-9]{1,13}$/.test(post.id)) return post.id;
  throw new ChannelError('rejected', 'This is not the id of a post or comment on Reddit.', {
    code: 'bad_id',
  });
}

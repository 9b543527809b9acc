import type { Inbound, RemotePost, Seen } from '../domain/channel.ts';
import { recordOf, textOf, unreadable } from './classify.ts';
import { timeOf } from './graph.ts';

export const NETWORK = 'Instagram';
export const MEDIA = 'id,caption,timestamp,permalink,username';
export const COMMENT = 'id,text,timestamp,username,parent_id';

/** What an id is: Instagram asks for each kind in another way. A post of ours, without a word, is `media`. */
export interface Place {
  kind: 'media' | 'comment' | 'mention';
  /** The comment of the upper level, for a comment: answers to answers go beside each other. */
  top?: string;
  /** The picture that it hangs on. */
  media?: string;
}

export function placeOf(post: RemotePost): Place {
  const { kind, top, media } = post.raw ?? {};
  return {
    kind: kind === 'comment' || kind === 'mention' ? kind : 'media',
    ...(typeof top === 'string' ? { top } : {}),
    ...(typeof media === 'string' ? { media } : {}),
  };
}

/** A comment's own address is below that of its picture. */
export const commentLink = (permalink: string | null | undefined, id: string): string | null =>
  permalink === null || permalink === undefined ? null : `${permalink.replace(/\/?$/, '/')}c/${id}/`;

const idIn = (entry: Record<string, unknown>): string => {
  const id = textOf(entry['id']);
  if (id === undefined) throw unreadable(NETWORK, 200, true);
  return id;
};

export const mediaSeen = (entry: Record<string, unknown>): Seen => ({
  id: idIn(entry),
  url: textOf(entry['permalink']) ?? null,
  text: textOf(entry['caption']) ?? '',
});

export function commentSeen(
  entry: Record<string, unknown>,
  on: { media: string; permalink: string | null | undefined },
): Seen {
  const id = idIn(entry);
  return {
    id,
    url: commentLink(on.permalink, id),
    text: textOf(entry['text']) ?? '',
    raw: { kind: 'comment', top: textOf(entry['parent_id']) ?? id, media: on.media },
  };
}

/** What somebody else said; undefined for our own words. */
export function heardOf(
  entry: Record<string, unknown>,
  seen: Seen,
  ours: string,
  inReplyTo?: string,
): Inbound | undefined {
  const from = recordOf(entry['from']);
  const author = textOf(entry['username']) ?? textOf(from['username']);
  if (author?.toLowerCase() === ours.toLowerCase()) return undefined;
  const { text, ...post } = seen;
  return {
    id: post.id,
    url: post.url,
    at: timeOf(entry['timestamp']),
    author: {
      id: textOf(from['id']) ?? author ?? 'unknown',
      handle: author === undefined ? 'Somebody on Instagram' : `@${author}`,
    },
    text,
    ...(inReplyTo === undefined ? {} : { inReplyTo }),
    post,
  };
}

import { listOf, recordOf, textOf, unreadable } from './classify.ts';
import { ChannelError } from './contract.ts';
import type { Listed } from './same-words.ts';

/** A post as X lists it. */
export interface Listing extends Listed {
  id: string;
  at: number;
  author: { id: string; username: string | undefined; name: string | undefined };
}

/** Snowflakes: the order of ids is the order of time. */
export const byId = (a: Listing, b: Listing): number => (BigInt(a.id) < BigInt(b.id) ? -1 : 1);
/** X answers 200 with an error inside for a post that is gone or hidden. */
export const saysGone = (error: unknown): boolean =>
  /not-found|not-authorized/.test(textOf(recordOf(error)['type']) ?? '');

/** A post from X's JSON, with its links and characters as their writer typed them. */
export function readPost(value: unknown, answer: Record<string, unknown>): Listing {
  const post = recordOf(value);
  const long = recordOf(post['note_tweet']);
  const urls = listOf(recordOf(long['entities'] ?? post['entities'])['urls']).map(recordOf);
  let text = textOf(long['text']) ?? textOf(post['text']) ?? '';
  const links: string[] = [];
  for (const url of urls) {
    const expanded = textOf(url['unwound_url']) ?? textOf(url['expanded_url']);
    const short = textOf(url['url']);
    if (expanded === undefined) continue;
    links.push(textOf(url['expanded_url']) ?? expanded, expanded);
    if (short !== undefined) text = text.replaceAll(short, () => textOf(url['expanded_url']) ?? expanded);
  }
  const authorId = textOf(post['author_id']) ?? '';
  const author = listOf(recordOf(answer['includes'])['users'])
    .map(recordOf)
    .find((user) => user['id'] === authorId);
  const parent = listOf(post['referenced_tweets'])
    .map(recordOf)
    .find((one) => one['type'] === 'replied_to');
  return {
    id: digits(need(post['id'])),
    text: text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
    links,
    at: Date.parse(textOf(post['created_at']) ?? '') || 0,
    author: { id: authorId, username: textOf(author?.['username']), name: textOf(author?.['name']) },
    answers: textOf(parent?.['id']),
  };
}

/** A value that every good answer has; without it a write may have been done all the same. */
export function need(value: unknown, call: 'read' | 'write' = 'read'): string {
  if (typeof value === 'string' && value !== '') return value;
  throw unreadable('X', 200, call === 'read');
}

/** An id as X makes them; anything else would become part of a path. */
export function digits(id: string): string {
  if (/^\d{1,20}$/.test(id)) return id;
  throw new ChannelError('rejected', 'This is not the id of a post on X.', { code: 'bad_id' });
}

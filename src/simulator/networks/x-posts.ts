import twitterText from 'twitter-text';
import type { Account, Post } from '../facts.ts';
import { seededWord } from '../random.ts';
import type { World } from '../world.ts';
import { linksIn, replaceLinks } from './links.ts';

/** X counts every link as this many and gives it this many characters. */
const LINK_LENGTH = 23;
/** 2010-11-04T01:42:54.657Z, the day from which X's ids count. */
const EPOCH = 1_288_834_974_657n;

/** Ids as X makes them: milliseconds since its epoch, then a sequence, as a decimal string. */
export function snowflakes(): (at: number) => string {
  let last = 0n;
  return (at) => {
    const id = (BigInt(Math.max(at, Number(EPOCH))) - EPOCH) << 22n;
    last = id > last ? id : last + 1n;
    return last.toString();
  };
}

/** The millisecond in which an id was made. */
export function timeOf(id: string): number {
  return Number((BigInt(id) >> 22n) + EPOCH);
}

/** What X makes of a text it is given: trimmed, NFC. */
export function normalised(text: string): string {
  return text.normalize('NFC').trim();
}

export function weightedLength(text: string): number {
  return twitterText.parseTweet(replaceLinks(text, () => 'https://t.co/0123456789')).weightedLength;
}

interface UrlEntity {
  start: number;
  end: number;
  url: string;
  expanded_url: string;
  display_url: string;
}

/** The text as X serves it (links wrapped, `&<>` escaped), and its entities; indices count code points. */
export function served(world: World, text: string): { text: string; entities: Record<string, unknown> } {
  let out = '';
  let points = 0;
  let from = 0;
  const urls: UrlEntity[] = [];
  const append = (piece: string): void => {
    out += piece;
    points += Array.from(piece).length;
  };
  for (const { url, from: start16, to } of linksIn(text)) {
    append(escaped(text.slice(from, start16)));
    const expanded = /^https?:/i.test(url) ? url : `http://${url}`;
    const wrapped = `https://t.co/${seededWord(world.seed, `t.co ${expanded}`, LINK_LENGTH - 'https://t.co/'.length)}`;
    const start = points;
    append(wrapped);
    urls.push({ start, end: points, url: wrapped, expanded_url: expanded, display_url: displayed(expanded) });
    from = to;
  }
  append(escaped(text.slice(from)));
  const mentions = twitterText.extractMentionsWithIndices(out).map(({ screenName, indices }) => ({
    start: Array.from(out.slice(0, indices[0])).length,
    end: Array.from(out.slice(0, indices[1])).length,
    username: screenName,
    ...idOf(world, screenName),
  }));
  const hashtags = twitterText.extractHashtagsWithIndices(out).map(({ hashtag, indices }) => ({
    start: Array.from(out.slice(0, indices[0])).length,
    end: Array.from(out.slice(0, indices[1])).length,
    tag: hashtag,
  }));
  const entities: Record<string, unknown> = {};
  if (urls.length > 0) entities['urls'] = urls;
  if (mentions.length > 0) entities['mentions'] = mentions;
  if (hashtags.length > 0) entities['hashtags'] = hashtags;
  return { text: out, entities };
}

function idOf(world: World, handle: string): { id?: string } {
  const account = world.accounts.find(
    (one) => one.network === 'x' && one.handle.toLowerCase() === handle.toLowerCase(),
  );
  return account === undefined ? {} : { id: account.id };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function displayed(url: string): string {
  const bare = url.replace(/^https?:\/\/(www\.)?/i, '').replace(/\/$/, '');
  return bare.length > 27 ? `${bare.slice(0, 26)}…` : bare;
}

/** A post as the API gives it: id, text, edit history, and the `tweet.fields` that were asked for. */
export function tweet(world: World, post: Post, query: URLSearchParams): Record<string, unknown> {
  const asked = new Set((query.get('tweet.fields') ?? '').split(','));
  if ((query.get('expansions') ?? '').split(',').includes('author_id')) asked.add('author_id');
  const { text, entities } = served(world, post.text);
  const parent = post.parent === null ? undefined : world.post('x', post.parent);
  const all: Record<string, unknown> = {
    author_id: post.author.id,
    conversation_id: post.raw['conversation'],
    created_at: new Date(post.at).toISOString(),
    ...(Object.keys(entities).length > 0 ? { entities } : {}),
    ...(parent === undefined
      ? {}
      : {
          in_reply_to_user_id: parent.author.id,
          referenced_tweets: [{ type: 'replied_to', id: parent.id }],
        }),
  };
  return {
    id: post.id,
    text,
    edit_history_tweet_ids: editHistory(world, post),
    ...Object.fromEntries(Object.entries(all).filter(([name]) => asked.has(name))),
  };
}

/** Ids of all versions of a post, oldest first; each version names them all. */
export function editHistory(world: World, post: Post): string[] {
  const newest = world.newest(post);
  return [...newest.replaces, newest.id];
}

/** A user as the API gives it. */
export function user(
  who: Post['author'] & { options?: Account['options'] },
  query: URLSearchParams,
): Record<string, unknown> {
  const asked = new Set((query.get('user.fields') ?? '').split(','));
  return {
    id: who.id,
    name: who.name,
    username: who.handle,
    ...(asked.has('verified') ? { verified: false } : {}),
    ...(asked.has('protected') ? { protected: false } : {}),
    ...(asked.has('created_at') ? { created_at: '2012-03-14T09:26:53.000Z' } : {}),
    ...(asked.has('subscription_type') ? { subscription_type: who.options?.['subscription'] ?? 'None' } : {}),
    ...(asked.has('description') ? { description: '' } : {}),
  };
}

/** Posts with an id above `since_id`, newest first, one page of them, in X's envelope. */
export function timeline(
  world: World,
  posts: readonly Post[],
  query: URLSearchParams,
): Record<string, unknown> {
  const since = query.get('since_id');
  const until = query.get('until_id');
  const start = Date.parse(query.get('start_time') ?? '');
  const end = Date.parse(query.get('end_time') ?? '');
  const before = query.get('pagination_token');
  const fitting = posts
    .filter((post) => world.shows(post) && post.replacedBy === null)
    .filter((post) => since === null || BigInt(post.id) > BigInt(since))
    .filter((post) => until === null || BigInt(post.id) < BigInt(until))
    .filter((post) => before === null || BigInt(post.id) < BigInt(before.replace(/\D/g, '') || '0'))
    .filter((post) => Number.isNaN(start) || post.at >= start)
    .filter((post) => Number.isNaN(end) || post.at < end)
    .sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? 1 : -1));
  const max = Number(query.get('max_results') ?? 10);
  const page = fitting.slice(0, max);
  const newest = page[0];
  const oldest = page.at(-1);
  // An empty page has no `data` and no `includes` at all.
  if (newest === undefined || oldest === undefined) return { meta: { result_count: 0 } };
  const authors = new Map(page.map((post) => [post.author.id, post.author]));
  const expand = (query.get('expansions') ?? '').split(',').includes('author_id');
  return {
    data: page.map((post) => tweet(world, post, query)),
    ...(expand ? { includes: { users: [...authors.values()].map((author) => user(author, query)) } } : {}),
    meta: {
      result_count: page.length,
      newest_id: newest.id,
      oldest_id: oldest.id,
      ...(fitting.length > page.length ? { next_token: `b${oldest.id}` } : {}),
    },
  };
}

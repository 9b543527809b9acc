import type { Inbound, RemotePost, Seen } from '../domain/channel.ts';
import { literal } from '../domain/literal.ts';
import { listOf, recordOf, textOf } from './classify.ts';
import { ChannelError } from './contract.ts';

/** A post as the forum gives it to staff: deleted ones too. */
export interface ForumPost {
  id: string;
  topic: number;
  slug: string;
  /** Its place in the topic; the first is 1. */
  number: number;
  /** What it answers; undefined for the topic as such. */
  answers: number | undefined;
  username: string;
  name: string | undefined;
  userId: string;
  /** As it was written: Markdown. */
  text: string;
  at: number;
  /** Readers can see it. */
  isShown: boolean;
  isPrivate: boolean;
  repliesTo: string | undefined;
}

export function readForumPost(value: unknown): ForumPost | undefined {
  const post = recordOf(value);
  const whole = (name: string) => (Number.isSafeInteger(post[name]) ? (post[name] as number) : undefined);
  const id = whole('id');
  const topic = whole('topic_id');
  const number = whole('post_number');
  if (id === undefined || topic === undefined || number === undefined) return undefined;
  const name = textOf(post['name']);
  return {
    id: String(id),
    topic,
    slug: (textOf(post['topic_slug']) ?? '').replace(/[^\w-]/g, '') || '-',
    number,
    answers: whole('reply_to_post_number'),
    username: textOf(post['username']) ?? '',
    name: name === '' ? undefined : name,
    userId: String(whole('user_id') ?? ''),
    text: textOf(post['raw']) ?? '',
    at: Date.parse(textOf(post['created_at']) ?? '') || 0,
    isShown:
      textOf(post['deleted_at']) === undefined && post['user_deleted'] !== true && post['hidden'] !== true,
    isPrivate: post['topic_archetype'] === 'private_message',
    repliesTo: textOf(recordOf(post['reply_to_user'])['username'])?.toLowerCase(),
  };
}
export const readForumPosts = (list: unknown): ForumPost[] =>
  listOf(list).flatMap((one) => readForumPost(one) ?? []);

/** The id of `asked` when a post of ours answers that one, another when it surely answers something else. */
export function answeredBy(post: ForumPost, asked: RemotePost | undefined): string | undefined {
  const { topic, number } = asked?.raw ?? {};
  if (asked === undefined || typeof topic !== 'number') return undefined;
  const isSame = post.topic === topic && (post.answers === undefined || post.answers === number);
  return isSame ? asked.id : `${post.topic}/${post.answers}`;
}

export function postOf(post: ForumPost, base: string): RemotePost {
  const number = post.number === 1 ? '' : `/${post.number}`;
  return {
    id: post.id,
    url: `${base}/t/${post.slug}/${post.topic}${number}`,
    raw: { topic: post.topic, number: post.number },
  };
}
export const seenOf = (post: ForumPost, base: string): Seen => ({ ...postOf(post, base), text: post.text });

export const inboundOf = (post: ForumPost, base: string, inReplyTo: string | undefined): Inbound => ({
  id: post.id,
  url: postOf(post, base).url,
  at: post.at,
  author: {
    id: post.userId,
    handle: `@${post.username}`,
    ...(post.name === undefined ? {} : { name: post.name }),
  },
  text: post.text,
  ...(inReplyTo === undefined ? {} : { inReplyTo }),
  post: postOf(post, base),
});

/** `@name` as the forum reads it: not inside a longer name or an address. */
export const mentions = (text: string, username: string): boolean =>
  new RegExp(`(^|[^\\w.@/-])@${literal(username)}(?![\\w-])`, 'i').test(text);

/** Ids of posts are numbers; anything else would become part of a path. */
export function postId(post: RemotePost): string {
  if (/^\d{1,15}$/.test(post.id)) return post.id;
  throw new ChannelError('rejected', 'This is not the id of a post on the forum.', { code: 'bad_id' });
}

import type { Key, RemotePost } from '../domain/channel.ts';
import { unreadable } from './classify.ts';
import { ChannelError } from './contract.ts';
import { type Discourse, NETWORK } from './discourse-api.ts';
import { type ForumPost, postId, readForumPost, readForumPosts } from './discourse-post.ts';
import { shortKey } from './short-key.ts';

const PAGES = 20;
/** Ids that a page of /posts.json covers at most. */
const PAGE_IDS = 50;

/** Finds things on a forum. Everything here only reads. */
export interface Forum {
  /** A post as readers see it; null when they do not. */
  getPost(id: string, signal: AbortSignal): Promise<ForumPost | null>;
  /** The first post of the topic that an earlier try with this key has made. */
  topicOf(key: Key, signal: AbortSignal): Promise<ForumPost | null>;
  /** The newest posts of all, newest first, at least until one `isLast`, and whether it came so far. */
  newest(
    isLast: (post: ForumPost) => boolean,
    signal: AbortSignal,
  ): Promise<{ posts: ForumPost[]; whole: boolean }>;
  /** Where an answer to this post goes. Throws `rejected` when it is not there any more. */
  placeOf(post: RemotePost, signal: AbortSignal): Promise<{ topic: number; number: number }>;
  /** The id of the post that is answered. `known` are ids by topic and number; it grows. */
  parentOf(post: ForumPost, known: Map<string, string>, signal: AbortSignal): Promise<string | undefined>;
}

export function openForum(ask: Discourse): Forum {
  const getPost = async (id: string, signal: AbortSignal): Promise<ForumPost | null> => {
    try {
      const post = readForumPost(await ask('GET', `/posts/${id}.json`, { signal }));
      if (post === undefined) throw unreadable(NETWORK, 200, true);
      return post.isShown ? post : null;
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  };

  async function topicOf(key: Key, signal: AbortSignal): Promise<ForumPost | null> {
    // The forum answers with a redirect, of which only the topic's number is used.
    const place = await ask.leadsTo(`/t/external_id/${externalId(key)}.json`, signal);
    if (place === null) return null;
    const topic = /\/t\/(?:[^/?#]+\/)?(\d+)(?:\.json)?(?:[?#].*)?$/.exec(place)?.[1];
    if (topic === undefined) throw unreadable(NETWORK, 301, true);
    const post = readForumPost(await ask('GET', `/posts/by_number/${topic}/1.json`, { signal }));
    if (post === undefined) throw unreadable(NETWORK, 200, true);
    return post.isShown ? post : null;
  }

  async function newest(isLast: (post: ForumPost) => boolean, signal: AbortSignal) {
    const found: ForumPost[] = [];
    let before: number | undefined;
    for (let i = 0; i < PAGES; i++) {
      const query = before === undefined ? '' : `?before=${before}`;
      const answer = await ask('GET', `/posts.json${query}`, { signal });
      if (!Array.isArray(answer['latest_posts'])) throw unreadable(NETWORK, 200, true);
      const page = readForumPosts(answer['latest_posts']);
      found.push(...page);
      if (page.some(isLast)) return { posts: found, whole: true };
      // A page covers a range of ids, so it may be empty although there are older posts.
      const lowest = Math.min(...page.map((post) => Number(post.id)));
      if (page.length === 0 && before === undefined) return { posts: found, whole: true };
      before = page.length === 0 ? (before ?? 0) - PAGE_IDS : lowest - 1;
      if (before <= 0) return { posts: found, whole: true };
    }
    return { posts: found, whole: false };
  }

  async function placeOf(post: RemotePost, signal: AbortSignal) {
    const { topic, number } = post.raw ?? {};
    if (typeof topic === 'number' && typeof number === 'number') return { topic, number };
    const there = await getPost(postId(post), signal);
    if (there === null)
      throw new ChannelError('rejected', 'The post that this answers is not on the forum any more.', {
        code: 'gone',
      });
    return { topic: there.topic, number: there.number };
  }

  async function parentOf(post: ForumPost, known: Map<string, string>, signal: AbortSignal) {
    if (post.number === 1) return undefined;
    // An answer to the topic as such answers its first post.
    const place = `${post.topic}/${post.answers ?? 1}`;
    const id = known.get(place);
    if (id !== undefined) return id;
    const parent = await ask('GET', `/posts/by_number/${place}.json`, { signal }).catch((error: unknown) => {
      if (isGone(error)) return undefined;
      throw error;
    });
    const found = readForumPost(parent)?.id;
    if (found !== undefined) known.set(place, found);
    return found;
  }
  return { getPost, topicOf, newest, placeOf, parentOf };
}

/** At most 50 letters, digits, dashes and underscores, compared without regard to case. */
export const externalId = (key: Key): string => `tocsin-${shortKey(key.id, 32)}`;
export const isGone = (error: unknown): boolean =>
  error instanceof ChannelError && (error.status === 404 || error.status === 410);

import type { Draft, Key, RemotePost, Seen } from '../domain/channel.ts';
import { listOf, recordOf, textOf, tooMany, unreadable } from './classify.ts';
import { ChannelError } from './contract.ts';
import { type Graph, type GraphList, metaId, readList, timeOf } from './graph.ts';
import { COMMENT, commentSeen, NETWORK, placeOf } from './instagram-entities.ts';
import { earliest } from './look-back.ts';
import { pickOurs } from './same-words.ts';
import { wordsOnly } from './words-only.ts';

export const COMMENT_MAX = 2_196;
const REPLIES = `replies.limit(50){${COMMENT}}`;
/** The comments of a picture and what answers them, to be read together with the picture. */
export const COMMENTS = `comments.limit(50){${COMMENT},${REPLIES}}`;
export const isOlder =
  (since: number) =>
  (page: Record<string, unknown>[]): boolean =>
    page.every((entry) => timeOf(entry['timestamp']) < since);
const idOf = (id: string): string => metaId(id, NETWORK);

/** Comments on pictures, in two levels. https://developers.facebook.com/docs/instagram-platform/comment-moderation */
export function openComments(ask: Graph, username: string) {
  const list = (
    path: string,
    query: Record<string, string>,
    isLast: (page: Record<string, unknown>[]) => boolean,
    signal: AbortSignal,
  ) => readList(ask, { network: NETWORK, method: 'GET', path, query, signal, onePost: true }, isLast);
  /** An edge that came with its node, and what did not fit on its first page. */
  async function edge(
    node: Record<string, unknown>,
    name: 'comments' | 'replies',
    fields: string,
    since: number,
    signal: AbortSignal,
  ): Promise<GraphList> {
    const first = recordOf(node[name]);
    const entries = listOf(first['data']).map(recordOf);
    if (recordOf(first['paging'])['next'] === undefined || isOlder(since)(entries))
      return { entries, whole: true };
    const path = `${idOf(textOf(node['id']) ?? '')}/${name}`;
    return list(path, { fields, limit: '50' }, isOlder(since), signal);
  }
  /** All comments on a picture, answers to comments among them. */
  async function commentsOn(
    media: Record<string, unknown>,
    since: number,
    signal: AbortSignal,
  ): Promise<GraphList> {
    const comments = await edge(media, 'comments', `${COMMENT},${REPLIES}`, since, signal);
    const entries: Record<string, unknown>[] = [];
    let { whole } = comments;
    for (const comment of comments.entries) {
      const replies = await edge(comment, 'replies', COMMENT, since, signal);
      entries.push(comment, ...replies.entries.map((reply) => ({ parent_id: comment['id'], ...reply })));
      whole &&= replies.whole;
    }
    return { entries, whole };
  }

  async function answer(draft: Draft, to: RemotePost, signal: AbortSignal): Promise<RemotePost> {
    const message = wordsOnly(draft, NETWORK);
    if (message.length > COMMENT_MAX)
      throw new ChannelError(
        'rejected',
        `A comment on Instagram can have ${COMMENT_MAX} characters; this one has ${message.length}. Shorten it.`,
        { code: 'comment_too_long' },
      );
    const { kind, top, media } = placeOf(to);
    const id = idOf(to.id);
    const [path, body] =
      kind === 'mention'
        ? ['me/mentions', { media_id: id, message }]
        : kind === 'comment'
          ? [`${idOf(top ?? id)}/replies`, { message }]
          : [`${id}/comments`, { message }];
    const made = await ask({ method: 'POST', path, body, signal, onePost: true });
    const own = textOf(made['id']);
    if (own === undefined) throw unreadable(NETWORK, 200);
    const on = kind === 'comment' ? media : id;
    return {
      id: own,
      url: null,
      raw: { kind: 'comment', top: kind === 'comment' ? (top ?? id) : own, ...(on ? { media: on } : {}) },
    };
  }

  async function lookForComment(
    draft: Draft,
    to: RemotePost,
    key: Key,
    signal: AbortSignal,
  ): Promise<Seen | null> {
    const since = earliest(key);
    const { kind, top, media = to.id } = placeOf(to);
    if (kind === 'mention')
      throw new ChannelError('unsent', 'Instagram does not show us the comments on other people’s posts.', {
        code: 'not_ours',
      });
    const listed =
      kind === 'comment'
        ? await list(
            `${idOf(top ?? to.id)}/replies`,
            { fields: COMMENT, limit: '50' },
            isOlder(since),
            signal,
          )
        : await commentsOn(
            await ask({
              method: 'GET',
              path: idOf(to.id),
              query: { fields: `id,${COMMENTS}` },
              signal,
              onePost: true,
            }),
            since,
            signal,
          );
    const ours = listed.entries.filter(
      (entry) => entry['username'] === username && timeOf(entry['timestamp']) >= since,
    );
    const parent = kind === 'comment' ? { parent_id: top ?? to.id } : {};
    return picked(
      ours.map((entry) => commentSeen({ ...parent, ...entry }, { media, permalink: null })),
      listed.whole,
      draft,
    );
  }

  return { list, commentsOn, answer, lookForComment };
}

/** Ours among what a look saw. Where the look was not `whole`, what it did not see may be there all the same. */
export function picked(seen: readonly Seen[], whole: boolean, draft: Draft): Seen | null {
  const found = pickOurs(
    seen.map((one) => ({ ...one, links: [] })),
    draft,
  );
  if (found === undefined) {
    if (whole) return null;
    throw tooMany(NETWORK);
  }
  const { links: _, ...one } = found;
  return one;
}

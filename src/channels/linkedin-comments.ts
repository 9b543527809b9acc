import type { Draft, Key, RemotePost, Seen } from '../domain/channel.ts';
import { recordOf, textOf, tooMany, unreadable } from './classify.ts';
import { ChannelError } from './contract.ts';
import { type Comment, commentOf, linkTo, urnOf } from './linkedin-entities.ts';
import { NETWORK, type Rest, readList } from './linkedin-rest.ts';
import { earliest } from './look-back.ts';
import { pickOurs } from './same-words.ts';
import { wordsOnly } from './words-only.ts';

export const COMMENT_MAX = 1_250;
const enc = encodeURIComponent;
const pathOf = (comment: Comment): string =>
  `socialActions/${enc(comment.thread)}/comments/${enc(comment.id)}`;
const createdAt = (comment: Record<string, unknown>): number =>
  Number(recordOf(comment['created'])['time'] ?? 0);
const wordsOf = (comment: Record<string, unknown>): string =>
  textOf(recordOf(comment['message'])['text']) ?? '';
const nameOf = (comment: Record<string, unknown>): Comment | undefined =>
  commentOf(textOf(comment['commentUrn']) ?? textOf(comment['$URN']) ?? '');

/**
 * Comments in the organization's name, which are plain text and have two levels: what answers an answer goes beside it.
 * https://learn.microsoft.com/linkedin/marketing/community-management/shares/comments-api
 */
export function openComments(rest: Rest, us: string, web: string) {
  const get = (comment: Comment, signal: AbortSignal) =>
    rest.read({ path: pathOf(comment), signal, onePost: true });
  const seenOf = (comment: Comment, text: string, top: string): Seen => ({
    id: comment.urn,
    url: linkTo(web, comment.urn),
    text,
    raw: { top },
  });

  /** The comment of the upper level that an answer hangs below; undefined when it hangs on a post. */
  async function topOf(answered: RemotePost, signal: AbortSignal): Promise<Comment | undefined> {
    const comment = commentOf(answered.id);
    if (comment === undefined) return undefined;
    const known = commentOf(textOf(answered.raw?.['top']) ?? '');
    if (known !== undefined) return known;
    return commentOf(textOf((await get(comment, signal))['parentComment']) ?? '') ?? comment;
  }

  const listBelow = (target: string, after: number, signal: AbortSignal) =>
    readList(
      (start, count) =>
        rest.read({
          path: `socialActions/${enc(target)}/comments?start=${start}&count=${count}`,
          signal,
          onePost: true,
        }),
      createdAt,
      after,
    );

  return {
    async publish(draft: Draft, answered: RemotePost, signal: AbortSignal): Promise<RemotePost> {
      const text = textOfComment(draft);
      const top = await topOf(answered, signal);
      const thread = top?.thread ?? urnOf(answered.id);
      const answer = await rest.ask({
        method: 'POST',
        path: `socialActions/${enc(top?.urn ?? thread)}/comments`,
        body: {
          actor: us,
          object: thread,
          message: { text },
          ...(top === undefined ? {} : { parentComment: top.urn }),
        },
        signal,
        onePost: true,
      });
      const made = recordOf(answer.json);
      const id = answer.headers.get('x-restli-id') ?? textOf(made['id']);
      const own = nameOf(made) ?? commentOf(`urn:li:comment:(${thread},${id})`);
      if (own === undefined) throw unreadable(NETWORK, answer.status);
      return { id: own.urn, url: linkTo(web, own.urn), raw: { top: top?.urn ?? own.urn } };
    },
    async find(draft: Draft, answered: RemotePost, key: Key, signal: AbortSignal): Promise<Seen | null> {
      const after = earliest(key);
      const top = await topOf(answered, signal);
      const upper = await listBelow(top?.urn ?? urnOf(answered.id), after, signal);
      const all = [...upper.entries];
      let { whole } = upper;
      // A later part of a thread hangs below an earlier one of ours.
      for (const comment of top === undefined ? upper.entries : []) {
        const name = nameOf(comment);
        const below = Number(recordOf(comment['commentsSummary'])['totalFirstLevelComments'] ?? 0);
        if (comment['actor'] !== us || name === undefined || below === 0) continue;
        const lower = await listBelow(name.urn, after, signal);
        all.push(...lower.entries);
        whole &&= lower.whole;
      }
      const ours = all.flatMap((comment) => {
        const name = comment['actor'] === us ? nameOf(comment) : undefined;
        const parent = textOf(comment['parentComment']);
        return name === undefined ? [] : [{ name, parent, text: wordsOf(comment), links: [] }];
      });
      const found = pickOurs(ours, draft);
      if (found !== undefined) return seenOf(found.name, found.text, found.parent ?? found.name.urn);
      if (whole) return null;
      throw tooMany(NETWORK);
    },
    async read(comment: Comment, signal: AbortSignal): Promise<Seen> {
      const entry = await get(comment, signal);
      return seenOf(comment, wordsOf(entry), textOf(entry['parentComment']) ?? comment.urn);
    },
    async edit(comment: Comment, draft: Draft, signal: AbortSignal): Promise<void> {
      await rest.ask({
        method: 'POST',
        path: `${pathOf(comment)}?actor=${enc(us)}`,
        does: 'PARTIAL_UPDATE',
        body: { patch: { message: { $set: { text: textOfComment(draft) } } } },
        signal,
        onePost: true,
      });
    },
    async remove(comment: Comment, signal: AbortSignal): Promise<void> {
      await rest.ask({
        method: 'DELETE',
        path: `${pathOf(comment)}?actor=${enc(us)}`,
        signal,
        onePost: true,
      });
    },
  };
}

function textOfComment(draft: Draft): string {
  const text = wordsOnly(draft, NETWORK);
  if (text.length <= COMMENT_MAX) return text;
  throw new ChannelError(
    'rejected',
    `A comment on LinkedIn can have ${COMMENT_MAX} characters; this one has ${text.length}. Shorten it.`,
    { code: 'comment_too_long' },
  );
}

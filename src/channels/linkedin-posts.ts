import type { Draft, Key, RemotePost, Seen } from '../domain/channel.ts';
import { textOf, tooMany, unreadable } from './classify.ts';
import { ChannelError } from './contract.ts';
import { linkTo, urnOf } from './linkedin-entities.ts';
import type { Images } from './linkedin-images.ts';
import { NETWORK, type Rest, readList } from './linkedin-rest.ts';
import { fromLittle, toLittle } from './little-text.ts';
import { earliest } from './look-back.ts';
import { pickOurs, sameWords } from './same-words.ts';
import { someWords, wordsOnly } from './words-only.ts';

const enc = encodeURIComponent;
const createdAt = (post: Record<string, unknown>): number =>
  Number(post['createdAt'] ?? post['publishedAt'] ?? 0);
const wordsOf = (post: Record<string, unknown>): string => fromLittle(textOf(post['commentary']) ?? '');

/** The organization's own posts: https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api */
export function openPosts(rest: Rest, us: string, web: string, images: Images) {
  const postOf = (urn: string): RemotePost => ({ id: urn, url: linkTo(web, urn) });
  const get = (urn: string, signal: AbortSignal) =>
    rest.read({ path: `posts/${enc(urn)}`, signal, onePost: true });
  const list = (start: number, count: number, signal: AbortSignal) =>
    rest.read({
      path: `posts?author=${enc(us)}&q=author&start=${start}&count=${count}&sortBy=CREATED`,
      does: 'FINDER',
      signal,
    });

  /**
   * LinkedIn says that it has these words already, in `urn`. That is evidence of our earlier try only when the post is
   * there, is no older than our wish, and says the same; a removed one is remembered for a day or two.
   */
  async function duplicate(urn: string, text: string, key: Key, signal: AbortSignal): Promise<ChannelError> {
    const refused = (code: string, why: string, existing?: RemotePost) =>
      new ChannelError('rejected', `LinkedIn refused these words as the same as ${urn}. ${why}`, {
        status: 422,
        code,
        duplicate: true,
        ...(existing === undefined ? {} : { existing }),
      });
    let there: Record<string, unknown>;
    try {
      there = await get(urn, signal);
    } catch (error) {
      return error instanceof ChannelError && error.status === 404
        ? refused(
            'ghost',
            'That post is not there: LinkedIn remembers removed ones for a day or two. Change a word.',
          )
        : refused('duplicate', 'We could not look at that post.');
    }
    if (createdAt(there) < earliest(key))
      return refused('duplicate', 'That is an older post. Change a word.');
    return sameWords(wordsOf(there), text)
      ? refused('duplicate', 'It is there.', postOf(urn))
      : refused('duplicate', 'That post says something else. Change a word.');
  }

  return {
    list,
    async publish(draft: Draft, key: Key, signal: AbortSignal): Promise<RemotePost> {
      const text = someWords(draft, NETWORK);
      const shown = await images(draft, key, signal);
      try {
        const answer = await rest.ask({
          method: 'POST',
          path: 'posts',
          body: {
            author: us,
            commentary: toLittle(text),
            visibility: 'PUBLIC',
            distribution: {
              feedDistribution: 'MAIN_FEED',
              targetEntities: [],
              thirdPartyDistributionChannels: [],
            },
            lifecycleState: 'PUBLISHED',
            isReshareDisabledByAuthor: false,
            ...shown,
          },
          signal,
        });
        const urn = answer.headers.get('x-restli-id') ?? answer.headers.get('x-linkedin-id') ?? '';
        if (!/^urn:li:\w+:\d+$/.test(urn)) throw unreadable(NETWORK, answer.status);
        return postOf(urn);
      } catch (error) {
        const twin = twinOf(error);
        throw twin === undefined ? error : await duplicate(twin, text, key, signal);
      }
    },
    async find(draft: Draft, key: Key, signal: AbortSignal): Promise<Seen | null> {
      const { entries, whole } = await readList(
        (start, count) => list(start, count, signal),
        createdAt,
        earliest(key),
      );
      const found = pickOurs(
        entries.map((post) => ({ id: textOf(post['id']) ?? '', text: wordsOf(post), links: [] })),
        draft,
      );
      if (found !== undefined) return { ...postOf(found.id), text: found.text };
      if (whole) return null;
      throw tooMany(NETWORK);
    },
    async read(id: string, signal: AbortSignal): Promise<Seen> {
      const post = await get(urnOf(id), signal);
      if (textOf(post['id']) === undefined) throw unreadable(NETWORK, 200, true);
      return { ...postOf(id), text: wordsOf(post) };
    },
    async edit(id: string, draft: Draft, signal: AbortSignal): Promise<void> {
      await rest.ask({
        method: 'POST',
        path: `posts/${enc(urnOf(id))}`,
        does: 'PARTIAL_UPDATE',
        body: { patch: { $set: { commentary: toLittle(wordsOnly(draft, NETWORK)) } } },
        signal,
        onePost: true,
      });
    },
    /** LinkedIn says yes to removing what is gone. */
    async remove(id: string, signal: AbortSignal): Promise<void> {
      await rest.ask({ method: 'DELETE', path: `posts/${enc(urnOf(id))}`, signal, onePost: true });
    },
  };
}

/** The post that LinkedIn says has these words already. */
const twinOf = (error: unknown): string | undefined =>
  error instanceof ChannelError && error.status === 422
    ? /duplicate of (urn:li:(?:share|ugcPost|activity):\d+)/i.exec(error.message)?.[1]
    : undefined;

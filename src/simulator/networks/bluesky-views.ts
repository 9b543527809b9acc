/** What Bluesky's app view shows of the repositories: posts, feeds, notifications. */

import type { Account, Post } from '../facts.ts';
import { type Answer, type Call, json, objectField } from '../network.ts';
import type { World } from '../world.ts';
import { invalid } from './bluesky-repo.ts';

type View = Record<string, unknown>;

function authorOf(post: Post): View {
  return {
    did: post.author.id,
    handle: post.author.handle,
    displayName: post.author.name,
    viewer: { muted: false, blockedBy: false },
    labels: [],
    createdAt: '2024-02-06T12:00:00.000Z',
  };
}

/** `app.bsky.feed.defs#postView`. */
export function viewOf(world: World, post: Post): View {
  const replies = world.posts('bluesky').filter((one) => one.parent === post.id && world.shows(one));
  return {
    uri: post.id,
    cid: post.raw['cid'],
    author: authorOf(post),
    record: post.raw['record'],
    replyCount: replies.length,
    repostCount: 0,
    likeCount: 0,
    quoteCount: 0,
    indexedAt: new Date(post.at).toISOString(),
    viewer: { threadMuted: false, embeddingDisabled: false },
    labels: [],
  };
}

/** What a removed or unknown post is in a reply: a stub. */
function refView(world: World, ref: Record<string, unknown>): View {
  const uri = String(ref['uri']);
  const post = world.shown('bluesky', uri);
  return post === undefined
    ? { $type: 'app.bsky.feed.defs#notFoundPost', uri, notFound: true }
    : { $type: 'app.bsky.feed.defs#postView', ...viewOf(world, post) };
}

/** `app.bsky.feed.getAuthorFeed`: newest first; the cursor is the time of the last one. */
export function feed(world: World, call: Call): Answer {
  const actor = world.account('bluesky', call.query.get('actor') ?? '');
  if (actor === undefined) return invalid('Profile not found');
  const filter = call.query.get('filter') ?? 'posts_with_replies';
  const own = world
    .posts('bluesky')
    .filter((post) => post.author.id === actor.id && world.shows(post))
    .filter((post) => filter !== 'posts_no_replies' || post.parent === null);
  return paged(call, own, 'feed', (post) => {
    const reply = objectField(objectField(post.raw, 'record'), 'reply');
    return {
      post: viewOf(world, post),
      ...(Object.keys(reply).length === 0
        ? {}
        : {
            reply: {
              root: refView(world, objectField(reply, 'root')),
              parent: refView(world, objectField(reply, 'parent')),
            },
          }),
    };
  });
}

/** `app.bsky.notification.listNotifications`. An answer to a post that we removed is no longer told. */
export function notifications(world: World, call: Call, account: Account): Answer {
  const wanted = call.query.getAll('reasons');
  const told = world
    .posts('bluesky')
    .filter((post) => post.byCustomer && post.account === account.id && world.shows(post))
    .filter((post) => post.parent === null || world.post('bluesky', post.parent)?.deletedAt === null)
    .filter((post) => reasonOf(world, post, account) !== undefined)
    .filter((post) => wanted.length === 0 || wanted.includes(reasonOf(world, post, account) ?? ''));
  return paged(call, told, 'notifications', (post) => ({
    uri: post.id,
    cid: post.raw['cid'],
    author: authorOf(post),
    reason: reasonOf(world, post, account),
    ...(post.parent === null ? {} : { reasonSubject: post.parent }),
    record: post.raw['record'],
    isRead: false,
    indexedAt: new Date(post.at).toISOString(),
    labels: [],
  }));
}

function reasonOf(world: World, post: Post, account: Account): 'reply' | 'mention' | undefined {
  const parent = post.parent === null ? undefined : world.post('bluesky', post.parent);
  if (parent?.author.id === account.id) return 'reply';
  return post.text.includes(`@${account.handle}`) ? 'mention' : undefined;
}

function paged(call: Call, posts: readonly Post[], name: string, shape: (post: Post) => View): Answer {
  const limit = Number(call.query.get('limit') ?? 50);
  if (!(limit >= 1 && limit <= 100)) return invalid('Error: limit must be between 1 and 100');
  const [time = '', uri = ''] = (call.query.get('cursor') ?? '').split('::');
  const before = time === '' ? Number.POSITIVE_INFINITY : Date.parse(time);
  const fitting = posts
    .filter((post) => post.at < before || (post.at === before && post.id < uri))
    .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
  const page = fitting.slice(0, limit);
  const last = page.at(-1);
  return json(200, {
    [name]: page.map(shape),
    ...(last !== undefined && fitting.length > page.length
      ? { cursor: `${new Date(last.at).toISOString()}::${last.id}` }
      : {}),
  });
}

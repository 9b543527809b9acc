/** Comments on LinkedIn: plain text, two levels, in the name of a member or an organization. */
import type { Account, Post } from '../facts.ts';
import { type Answer, type Call, json, objectField, type Route, textField } from '../network.ts';
import type { World } from '../world.ts';
import { linkedInError, notFound } from './linkedin-errors.ts';

const COMMENT_MAX = 1_250;

export const isComment = (post: Post): boolean => post.raw['comment'] === true;
export const orgUrn = (account: Account): string => `urn:li:organization:${account.id}`;
export const authorUrn = (post: Post): string =>
  post.byCustomer ? `urn:li:person:${post.author.id}` : `urn:li:organization:${post.author.id}`;

/** A post by its share or by its activity, or a comment by its URN, when readers can see it. */
export function shownByUrn(world: World, urn: string): Post | undefined {
  const post = world
    .posts('linkedin')
    .find((one) => one.id === urn || (!isComment(one) && one.raw['activity'] === urn));
  return post !== undefined && world.shows(post) ? post : undefined;
}

/** The activity that a comment on this hangs on in the end. */
export const threadOf = (post: Post): string => String(post.raw[isComment(post) ? 'thread' : 'activity']);

export function commentNode(world: World, comment: Post): Record<string, unknown> {
  const parent = comment.parent === null ? undefined : world.post('linkedin', comment.parent);
  const below = world.posts('linkedin').filter((one) => one.parent === comment.id && world.shows(one)).length;
  const stamp = (time: number) => ({ actor: authorUrn(comment), time });
  return {
    actor: authorUrn(comment),
    commentUrn: comment.id,
    $URN: comment.id,
    id: String(comment.raw['number']),
    object: threadOf(comment),
    created: stamp(comment.at),
    lastModified: stamp(comment.editedAt ?? comment.at),
    message: { attributes: [], text: comment.text },
    ...(parent !== undefined && isComment(parent) ? { parentComment: parent.id } : {}),
    ...(below > 0
      ? { commentsSummary: { totalFirstLevelComments: below, aggregatedTotalComments: below } }
      : {}),
  };
}

export function commentRoutes(world: World, nextId: () => string): Route[] {
  const target = (call: Call): Post | undefined => shownByUrn(world, call.params['target'] ?? '');
  const one = (call: Call): Post | undefined => {
    const on = target(call);
    const thread = on === undefined ? call.params['target'] : threadOf(on);
    const comment = shownByUrn(world, `urn:li:comment:(${thread},${call.params['comment']})`);
    return comment;
  };
  const mine = (call: Call, account: Account): Post | undefined => {
    const comment = one(call);
    return comment?.author.id === account.id && !comment.byCustomer ? comment : undefined;
  };
  const tooLong = (text: string): Answer | undefined =>
    text.length <= COMMENT_MAX
      ? undefined
      : linkedInError(
          400,
          'FIELD_LENGTH_TOO_LONG',
          `Comment text length (${text.length} characters) exceeded the maximum allowed (${COMMENT_MAX} characters)`,
        );

  return [
    {
      method: 'GET',
      path: '/rest/socialActions/:target/comments',
      does: ['find'],
      run(call) {
        const on = target(call);
        if (on === undefined) return notFound(call.params['target'] ?? '');
        const list = world.posts('linkedin').filter((post) => post.parent === on.id && world.shows(post));
        return json(
          200,
          page(call, list.toReversed(), (post) => commentNode(world, post)),
        );
      },
    },
    {
      method: 'POST',
      path: '/rest/socialActions/:target/comments',
      does: ['publish'],
      run(call, account) {
        const on = target(call);
        if (on === undefined) return notFound(call.params['target'] ?? '');
        if (textField(call.body, 'actor') !== orgUrn(account))
          return linkedInError(403, 'ACCESS_DENIED', 'Not enough permissions to comment as this actor');
        if (textField(call.body, 'object') === undefined)
          return linkedInError(400, 'MISSING_FIELD', '/object field is required but not found');
        const parent = textField(call.body, 'parentComment');
        if (isComment(on) && (parent !== on.id || (on.parent !== null && on.raw['top'] !== on.id)))
          return linkedInError(400, 'INVALID_VALUE_FOR_FIELD', 'parentComment must be a first level comment');
        const text = textField(objectField(call.body, 'message'), 'text') ?? '';
        if (text.trim() === '') return linkedInError(400, 'MISSING_FIELD', '/message/text is empty');
        const complaint = tooLong(text);
        if (complaint !== undefined) return complaint;
        const comment = keepComment(world, nextId, {
          account,
          author: { id: account.id, handle: account.handle, name: account.name },
          byCustomer: false,
          text,
          at: call.now,
          on,
          base: call.base,
        });
        return json(201, commentNode(world, comment), { 'x-restli-id': String(comment.raw['number']) });
      },
    },
    {
      method: 'GET',
      path: '/rest/socialActions/:target/comments/:comment',
      does: ['read'],
      run(call) {
        const comment = one(call);
        return comment === undefined
          ? notFound(call.params['comment'] ?? '')
          : json(200, commentNode(world, comment));
      },
    },
    {
      method: 'POST',
      path: '/rest/socialActions/:target/comments/:comment',
      does: ['edit'],
      run(call, account) {
        const comment = mine(call, account);
        if (comment === undefined) return notFound(call.params['comment'] ?? '');
        if (call.headers['x-restli-method'] !== 'PARTIAL_UPDATE')
          return linkedInError(400, 'ILLEGAL_ARGUMENT', 'X-RestLi-Method must be PARTIAL_UPDATE');
        const set = objectField(objectField(objectField(call.body, 'patch'), 'message'), '$set');
        const text = textField(set, 'text') ?? '';
        const complaint = tooLong(text);
        if (complaint !== undefined) return complaint;
        world.edit(comment, text);
        return { status: 204 };
      },
    },
    {
      method: 'DELETE',
      path: '/rest/socialActions/:target/comments/:comment',
      does: ['remove'],
      run(call, account) {
        const comment = mine(call, account);
        if (comment === undefined) return notFound(call.params['comment'] ?? '');
        world.remove(comment);
        return { status: 204 };
      },
    },
  ];
}

/** Keeps a comment on a post or, one level further down, on a comment. */
export function keepComment(
  world: World,
  nextId: () => string,
  made: {
    account: Account;
    author: Post['author'];
    byCustomer: boolean;
    text: string;
    at: number;
    on: Post;
    base: string;
  },
): Post {
  const number = nextId();
  const thread = threadOf(made.on);
  const id = `urn:li:comment:(${thread},${number})`;
  return world.keep({
    network: 'linkedin',
    account: made.account.id,
    byCustomer: made.byCustomer,
    author: made.author,
    id,
    text: made.text,
    at: made.at,
    parent: made.on.id,
    url: `${made.base}/feed/update/${thread}?commentUrn=${encodeURIComponent(id)}`,
    raw: { comment: true, thread, number, top: isComment(made.on) ? made.on.id : id },
  });
}

/** One page of a Rest.li list. */
export function page<T>(call: Call, list: readonly T[], node: (one: T) => unknown): Record<string, unknown> {
  const start = Number(call.query.get('start') ?? 0);
  const count = Math.min(100, Number(call.query.get('count') ?? 10));
  return {
    elements: list.slice(start, start + count).map(node),
    paging: { start, count, links: [], total: list.length },
  };
}

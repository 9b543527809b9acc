/** `POST /2/tweets`: what X takes, what it refuses, and where the post ends up. */
import type { Account, Post } from '../facts.ts';
import { type Answer, type Call, json, objectField, textField } from '../network.ts';
import type { Picture } from '../pictures.ts';
import type { World } from '../world.ts';
import { invalid, problem, refusal } from './x-errors.ts';
import { normalised, timeOf, tweet, weightedLength } from './x-posts.ts';

/** X does not say for how long it remembers a text; a day is on the strict side. */
const DUPLICATE_MS = 24 * 3_600_000;
const MAX_WEIGHT = 280;
/** https://docs.x.com/x-api/posts/edit-posts */
const EDIT_MS = 30 * 60_000;
/** Properties of CreatePostsRequest that go with plain words. */
const TWEET_FIELDS = [
  'text',
  'reply',
  'quote_tweet_id',
  'reply_settings',
  'edit_options',
  'made_with_ai',
  'nullcast',
  'media',
  'for_super_followers_only',
];

/** Keeps a new post, a reply or an edit, or says no in X's words. */
export function createTweet(
  world: World,
  nextId: (at: number) => string,
  uploads: ReadonlyMap<string, Picture>,
  call: Call,
  account: Account,
): Answer {
  if (!(call.headers['content-type'] ?? '').startsWith('application/json')) {
    return invalid({ message: 'Requests with bodies must have content-type of application/json.' });
  }
  const stranger = Object.keys(call.body).find((name) => !TWEET_FIELDS.includes(name));
  if (stranger !== undefined) {
    return invalid({
      message: `$.${stranger}: is not defined in the schema and the schema does not allow additional properties`,
    });
  }
  const edited = textField(objectField(call.body, 'edit_options'), 'previous_post_id');
  const previous = edited === undefined ? undefined : world.post('x', edited);
  if (edited !== undefined && !mayEdit(account, previous, call.now)) return refusal(403, undefined, call.now);
  const text = normalised(textField(call.body, 'text') ?? '');
  if (text === '') return invalid({ parameters: { text: [''] }, message: 'text or media must be provided' });
  if (weightedLength(text) > MAX_WEIGHT) {
    return problem(
      400,
      'Bad Request',
      'Your Tweet text is too long. For more information on how Twitter determines text length see https://github.com/twitter/twitter-text.',
    );
  }
  const parentId = textField(objectField(call.body, 'reply'), 'in_reply_to_tweet_id') ?? null;
  const parent = parentId === null ? undefined : world.post('x', parentId);
  if (parentId !== null && (parent === undefined || parent.deletedAt !== null)) {
    return problem(
      403,
      'Forbidden',
      'You attempted to reply to a Tweet that is deleted or not visible to you.',
    );
  }
  if (parent?.byCustomer === true && !names(parent.text, account.handle)) {
    return problem(
      403,
      'Forbidden',
      'Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author of the post you are replying to.',
    );
  }
  const again = world
    .posts('x')
    .some(
      (post) =>
        post.author.id === account.id &&
        post.deletedAt === null &&
        post !== previous &&
        call.now - post.at < DUPLICATE_MS &&
        post.text === text,
    );
  if (again) {
    return problem(403, 'Forbidden', 'You are not allowed to create a Tweet with duplicate content.');
  }
  const named = objectField(call.body, 'media')['media_ids'];
  const ids = Array.isArray(named) ? named.map(String) : [];
  if (ids.some((one) => !uploads.has(one)))
    return invalid({ parameters: { 'media.media_ids': ids }, message: 'Your media IDs are invalid.' });
  const media = ids.flatMap((one) => uploads.get(one) ?? []);
  const id = nextId(call.now);
  const post = world.keep({
    network: 'x',
    account: account.id,
    author: { id: account.id, handle: account.handle, name: account.name },
    id,
    text,
    at: call.now,
    parent: previous?.parent ?? parentId,
    replaces: previous === undefined ? [] : [...previous.replaces, previous.id],
    raw: {
      conversation: previous?.raw['conversation'] ?? parent?.raw['conversation'] ?? id,
      ...(media.length === 0 ? {} : { media }),
    },
    ...places(call.base, account.handle, id),
  });
  if (previous !== undefined) previous.replacedBy = id;
  return json(201, { data: tweet(world, post, new URLSearchParams()) });
}

export function places(base: string, handle: string, id: string): Pick<Post, 'url' | 'paths'> {
  return { url: `${base}/${handle}/status/${id}`, paths: [`/${handle}/status/${id}`, `/i/web/status/${id}`] };
}

/** Edits are for accounts with a subscription: the newest version, five times, within 30 minutes of the first. */
function mayEdit(account: Account, previous: Post | undefined, now: number): previous is Post {
  return (
    typeof account.options['subscription'] === 'string' &&
    previous !== undefined &&
    previous.author.id === account.id &&
    previous.deletedAt === null &&
    previous.replacedBy === null &&
    previous.replaces.length < 5 &&
    now - firstAt(previous) < EDIT_MS
  );
}

/** An id holds the time it was made. */
function firstAt(post: Post): number {
  return timeOf(post.replaces[0] ?? post.id);
}

export function names(text: string, handle: string): boolean {
  return text.toLowerCase().includes(`@${handle.toLowerCase()}`);
}

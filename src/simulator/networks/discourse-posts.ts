/** What a Discourse forum shows of a post, and what it says to one that it does not want. */
import type { Post } from '../facts.ts';
import { type Answer, json } from '../network.ts';
import type { World } from '../world.ts';

/** The site's settings that a client is told. */
export const SETTINGS = {
  min_post_length: 20,
  max_post_length: 32_000,
  min_topic_title_length: 15,
  max_topic_title_length: 255,
  allow_uncategorized_topics: true,
};

export interface Place {
  topic: number;
  number: number;
  /** What it answers, by number. */
  answers: number | null;
  title: string;
  externalId: string | null;
}
export const placeOf = (post: Post): Place => post.raw['place'] as Place;

export const slugOf = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60) || 'topic';

export const errors = (status: number, words: string, type: string, more: object = {}): Answer =>
  json(status, { errors: [words], error_type: type, ...more });

export const notFound = (): Answer =>
  errors(404, 'The requested URL or resource could not be found.', 'not_found');

export function tooMany(seconds: number): Answer {
  const left = seconds === 1 ? '1 second' : `${seconds} seconds`;
  const answer = errors(
    429,
    `You’ve performed this action too many times, please try again in ${left}.`,
    'rate_limit',
    { extras: { wait_seconds: seconds, time_left: left } },
  );
  return {
    ...answer,
    headers: {
      'retry-after': String(seconds),
      'discourse-rate-limit-error-code': 'admin_api_key_rate_limit',
    },
  };
}

/** Staff see deleted posts too, with the time they were deleted. */
export function postJson(world: World, post: Post, username: string): Record<string, unknown> {
  const place = placeOf(post);
  const ours = !post.byCustomer;
  return {
    id: Number(post.id),
    name: post.author.name,
    username: ours ? username : post.author.handle,
    avatar_template: `/letter_avatar_proxy/v4/letter/${post.author.handle[0] ?? 'n'}/ce7236/{size}.png`,
    created_at: new Date(post.at).toISOString(),
    cooked: `<p>${escaped(post.text)}</p>`,
    raw: post.text,
    post_number: place.number,
    post_type: 1,
    posts_count: world.posts('discourse').filter((one) => placeOf(one).topic === place.topic).length,
    updated_at: new Date(post.editedAt ?? post.at).toISOString(),
    reply_count: 0,
    reply_to_post_number: place.answers,
    yours: ours,
    topic_id: place.topic,
    topic_slug: slugOf(place.title),
    topic_title: place.title,
    display_username: post.author.name,
    version: post.history.length + 1,
    user_id: Number(ours ? 2 : post.author.id),
    moderator: ours,
    admin: false,
    staff: ours,
    hidden: false,
    trust_level: ours ? 4 : 1,
    deleted_at: post.deletedAt === null ? null : new Date(post.deletedAt).toISOString(),
    user_deleted: false,
    edit_reason: post.raw['reason'] ?? null,
    wiki: false,
    post_url: `/t/${slugOf(place.title)}/${place.topic}/${place.number}`,
  };
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\n', '<br>\n');

/** What the forum does not like about new words, in its own words. Ruby counts code points. */
export function complaintAbout(
  world: World,
  wanted: { title: string | undefined; raw: string; externalId: string | null },
): string | undefined {
  const length = [...wanted.raw.trim()].length;
  if (length < SETTINGS.min_post_length)
    return `Body is too short (minimum is ${SETTINGS.min_post_length} characters)`;
  if (length > SETTINGS.max_post_length)
    return `Body is limited to ${SETTINGS.max_post_length} characters; you entered ${length}.`;
  if (wanted.title === undefined) return undefined;
  const title = [...wanted.title.trim()].length;
  if (title < SETTINGS.min_topic_title_length)
    return `Title is too short (minimum is ${SETTINGS.min_topic_title_length} characters)`;
  if (title > SETTINGS.max_topic_title_length)
    return `Title is too long (maximum is ${SETTINGS.max_topic_title_length} characters)`;
  const topics = world.posts('discourse').filter((post) => placeOf(post).number === 1);
  if (wanted.externalId !== null && topics.some((post) => placeOf(post).externalId === wanted.externalId))
    return 'External ID has already been taken';
  const same = wanted.title.trim().toLowerCase();
  return topics.some((post) => post.deletedAt === null && placeOf(post).title.toLowerCase() === same)
    ? 'Title has already been used'
    : undefined;
}

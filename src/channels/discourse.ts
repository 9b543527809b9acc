import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Abilities, Draft, Inbound, Limits } from '../domain/channel.ts';
import { rootOf } from './ask-json.ts';
import { jsonOf, recordOf, textOf, tooMany, unreadable } from './classify.ts';
import { type Channel, ChannelError, type ChannelKind, type ChannelTools } from './contract.ts';
import { NETWORK, openDiscourse } from './discourse-api.ts';
import { externalId, isGone, openForum } from './discourse-forum.ts';
import {
  answeredBy,
  type ForumPost,
  inboundOf,
  mentions,
  postId,
  postOf,
  readForumPost,
  seenOf,
} from './discourse-post.ts';
import { earliest } from './look-back.ts';
import { pickOurs } from './same-words.ts';
import { wordsOnly } from './words-only.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** How long a notice stays pinned, if nobody unpins it before. */
const PINNED_MS = 7 * DAY;

/** What a forum with other settings has not changed: max_post_length, and max_ and min_topic_title_length. `verify` reads its own. */
const limits: Limits = { unit: 'codepoints', max: 32_000, subject: 255, subjectLeast: 15 };

const can: Abilities = {
  replies: true,
  edit: 'in_place',
  remove: true,
  // The same request of the API within 120 s gives the same post; a topic is known by its external_id for ever.
  idempotent: 'window',
  idempotentMs: 2 * MINUTE,
  find: true,
  read: true,
  inbound: 'both',
  altText: false,
  lagMs: 1_000,
  whenUnverifiable: 'hold',
  everyUpdate: false,
};

/** A company's own forum: an incident is a topic, its updates are answers in it. */
export const discourse: ChannelKind = {
  kind: 'discourse',
  name: NETWORK,
  lifecycle: 'active',
  limits,
  can,
  template: 'long',
  cost: 'free',
  defaultRole: 'brand',
  checkedOn: '2026-11-21',
  promise:
    'A new topic carries an id of ours, so it can be found and never appears twice. For an answer in a topic we look through the newest posts before anything is sent again. A post counts as delivered when we have read it back.',
  fields: [
    {
      name: 'forum',
      label: 'Forum',
      help: 'The address of the forum’s front page.',
      secret: false,
      required: true,
      placeholder: 'https://community.northwind.example',
    },
    {
      name: 'username',
      label: 'User name',
      help: 'The user who posts. A moderator can also pin and close.',
      secret: false,
      required: true,
      placeholder: 'northwind',
    },
    {
      name: 'apiKey',
      label: 'API key',
      help: 'In the forum’s administration: Advanced, API keys, for this single user.',
      secret: true,
      required: true,
    },
    {
      name: 'category',
      label: 'Category',
      help: 'The number of the category for new topics; it is in the address of the category.',
      secret: false,
      required: false,
      placeholder: '5',
    },
    {
      name: 'pin',
      label: 'Show it how',
      help: 'Empty: like any topic. pinned: at the top of its category. pinned_globally: at the top everywhere, for a week. banner: above every page.',
      secret: false,
      required: false,
      placeholder: 'pinned_globally',
    },
    {
      name: 'close',
      label: 'Close to answers',
      help: 'yes: only staff can write in the topic. Empty: customers can answer, and we read it.',
      secret: false,
      required: false,
    },
    {
      name: 'webhookSecret',
      label: 'Webhook secret',
      help: 'Only if the forum calls us: the secret of its webhook, with the event “Post is created”.',
      secret: true,
      required: false,
    },
  ],
  steps: [
    'Make a user for announcements, and a moderator of it if topics should be pinned.',
    'In the administration make an API key for that single user, with the scopes to read, write and edit posts and topics.',
    'Raise DISCOURSE_MAX_ADMIN_API_REQS_PER_MINUTE if other programs share the limit of 60 a minute.',
  ],
  hook: {
    steps: [
      'On your forum open Admin, API, Webhooks, make one with the address shown here, and choose “Post event”.',
      'Enter the same secret there and for this connection.',
    ],
    wantsToken: false,
  },
  open: (values, tools) => openDiscourseChannel(values, tools),
};

function openDiscourseChannel(values: Record<string, string>, tools: ChannelTools): Channel {
  const base = rootOf(values['forum'], '');
  const username = (values['username'] ?? '').trim().replace(/^@/, '');
  const ask = openDiscourse(base, { key: values['apiKey']?.trim() ?? '', username }, tools);
  const { getPost, topicOf, newest, placeOf, parentOf } = openForum(ask);
  const isOurs = (post: ForumPost) => post.username.toLowerCase() === username.toLowerCase();
  /** Topics that we have begun, as far as we know. */
  const ourTopics = new Set<number>();

  /** Pins and closes as the settings say. The post is out whatever comes of it, so nothing here may fail it. */
  async function present(topic: number, signal: AbortSignal): Promise<boolean> {
    const pin = values['pin']?.trim() ?? '';
    const until = new Date(tools.now() + PINNED_MS).toISOString().slice(0, 10);
    try {
      if (pin === 'banner') await ask('PUT', `/t/${topic}/make-banner.json`, { signal });
      else if (pin === 'pinned' || pin === 'pinned_globally')
        await ask('PUT', `/t/${topic}/status.json`, {
          signal,
          body: { status: pin, enabled: 'true', until },
        });
      if (/^(yes|true|1)$/i.test(values['close']?.trim() ?? ''))
        await ask('PUT', `/t/${topic}/status.json`, { signal, body: { status: 'closed', enabled: 'true' } });
      return true;
    } catch {
      return false;
    }
  }

  return {
    async verify(signal) {
      const me = recordOf((await ask('GET', '/session/current.json', { signal }))['current_user']);
      const name = textOf(me['username']);
      if (name === undefined) throw unreadable(NETWORK, 200, true);
      const settings = await ask('GET', '/site/settings.json', { signal }).catch((error: unknown) => {
        if (error instanceof ChannelError && error.failure === 'rejected')
          return {} as Record<string, unknown>;
        throw error;
      });
      const whole = (of: string, usual: number) =>
        Number.isSafeInteger(settings[of]) && (settings[of] as number) > 0 ? (settings[of] as number) : usual;
      const isStaff = me['admin'] === true || me['moderator'] === true;
      return {
        account: `@${name} on ${new URL(base).host}`,
        url: `${base}/u/${encodeURIComponent(name)}`,
        limits: {
          unit: limits.unit,
          max: whole('max_post_length', limits.max),
          subject: whole('max_topic_title_length', limits.subject ?? 255),
          subjectLeast: whole('min_topic_title_length', limits.subjectLeast ?? 15),
        },
        can,
        ...(isStaff
          ? {}
          : { note: 'This user is not a moderator, so topics are neither pinned nor closed.' }),
      };
    },
    async publish(draft, key, signal) {
      const raw = wordsOnly(draft, NETWORK);
      const answered = draft.inReplyTo === undefined ? undefined : await placeOf(draft.inReplyTo, signal);
      const body =
        answered === undefined
          ? {
              title: titleOf(draft),
              raw,
              external_id: externalId(key),
              ...(/^\d+$/.test(values['category']?.trim() ?? '')
                ? { category: Number(values['category']) }
                : {}),
            }
          : {
              raw,
              topic_id: answered.topic,
              ...(answered.number === 1 ? {} : { reply_to_post_number: answered.number }),
            };
      let made: ForumPost | undefined;
      try {
        const answer = await ask('POST', '/posts.json', { body, signal });
        if (answer['action'] === 'enqueued')
          throw new ChannelError(
            'rejected',
            'The forum holds this post until a moderator lets it through. Approve it there; do not send it again.',
            { code: 'enqueued' },
          );
        made = readForumPost(answer);
      } catch (error) {
        // Our own id is taken: an earlier try has made this topic.
        if (!(error instanceof ChannelError && error.code === 'external_id')) throw error;
        made = (await topicOf(key, signal)) ?? undefined;
        if (made === undefined) throw error;
      }
      if (made === undefined) throw unreadable(NETWORK, 200);
      if (made.number !== 1) return postOf(made, base);
      ourTopics.add(made.topic);
      const presented = await present(made.topic, signal);
      const post = postOf(made, base);
      return presented ? post : { ...post, raw: { ...post.raw, presented } };
    },
    async find(draft, key, signal) {
      const topic = await topicOf(key, signal);
      if (topic !== null) return seenOf(topic, base);
      const after = earliest(key);
      const { posts, whole } = await newest((post) => post.at < after, signal);
      const ours = posts.filter((post) => post.at >= after && post.isShown && isOurs(post));
      const found = pickOurs(
        ours.map((post) => ({
          post,
          text: post.text,
          links: [],
          answers: answeredBy(post, draft.inReplyTo),
        })),
        draft,
      );
      if (found !== undefined) return seenOf(found.post, base);
      if (whole) return null;
      throw tooMany(NETWORK);
    },
    async read(post, signal) {
      const found = await getPost(postId(post), signal);
      return found === null ? null : seenOf(found, base);
    },
    async edit(post, draft, _key, signal) {
      const raw = wordsOnly(draft, NETWORK);
      const there = await getPost(postId(post), signal);
      if (there === null)
        throw new ChannelError('rejected', 'This post is not on the forum any more.', { code: 'gone' });
      const title = there.number === 1 && draft.subject !== undefined ? { title: titleOf(draft) } : {};
      const body = { post: { raw, edit_reason: 'Correction' }, ...title };
      const answer = await ask('PUT', `/posts/${there.id}.json`, { body, signal });
      const edited = readForumPost(answer['post']);
      if (edited === undefined) throw unreadable(NETWORK, 200);
      return postOf({ ...edited, slug: there.slug }, base);
    },
    async remove(post, signal) {
      const there = await getPost(postId(post), signal);
      if (there === null) return;
      // A topic goes as a whole: its first post cannot be deleted alone.
      const path = there.number === 1 ? `/t/${there.topic}.json` : `/posts/${there.id}.json`;
      try {
        await ask('DELETE', path, { signal });
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    },
    async poll(cursor, signal) {
      const since = cursor !== null && /^\d{1,15}$/.test(cursor) ? Number(cursor) : undefined;
      const oldest = tools.now() - DAY;
      const isOld = (post: ForumPost) => (since === undefined ? post.at < oldest : Number(post.id) <= since);
      const listed = (await newest(isOld, signal)).posts.filter((post) => !isOld(post));
      const last = listed.reduce((most, post) => Math.max(most, Number(post.id)), since ?? 0);
      const created = await ask('GET', `/topics/created-by/${encodeURIComponent(username)}.json`, { signal });
      for (const topic of [recordOf(created['topic_list'])['topics']].flat())
        if (typeof recordOf(topic)['id'] === 'number') ourTopics.add(recordOf(topic)['id'] as number);
      const items: Inbound[] = [];
      const parents = new Map(listed.map((post) => [`${post.topic}/${post.number}`, post.id]));
      for (const post of listed.toReversed())
        if (isToUs(post)) items.push(inboundOf(post, base, await parentOf(post, parents, signal)));
      return { items, cursor: last === 0 ? cursor : String(last) };
    },
    receive(headers, body) {
      checkSignature(values['webhookSecret'], headers, body);
      if (headers['x-discourse-event'] !== 'post_created') return [];
      const post = readForumPost(recordOf(jsonOf(body))['post']);
      return post !== undefined && isToUs(post) ? [inboundOf(post, base, undefined)] : [];
    },
  };

  function isToUs(post: ForumPost): boolean {
    if (isOurs(post) || post.isPrivate || !post.isShown) return false;
    return (
      ourTopics.has(post.topic) || post.repliesTo === username.toLowerCase() || mentions(post.text, username)
    );
  }
}

/** The subject, or where there is none the beginning of the words, on one line. */
function titleOf(draft: Draft): string {
  const line = (draft.subject ?? draft.text).replace(/[\s\p{Cc}]+/gu, ' ').trim();
  const points = [...line];
  return points.length <= 255 ? line : `${points.slice(0, 254).join('')}…`;
}

function checkSignature(secret: string | undefined, headers: Record<string, string>, body: Uint8Array): void {
  const given = /^sha256=([\da-f]{64})$/i.exec(headers['x-discourse-event-signature'] ?? '')?.[1];
  const expected = createHmac('sha256', secret ?? '')
    .update(body)
    .digest();
  if (!secret || given === undefined || !timingSafeEqual(Buffer.from(given, 'hex'), expected))
    throw new ChannelError(
      'rejected',
      'This call in the name of the forum was not read: its signature does not hold.',
      {
        code: 'bad_signature',
      },
    );
}

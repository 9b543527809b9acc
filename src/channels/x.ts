import type { Abilities, Inbound, Limits, PictureLimits, RemotePost, Seen } from '../domain/channel.ts';
import { askOnce } from './ask-once.ts';
import { listOf, recordOf, textOf, tooMany, unreadable } from './classify.ts';
import { type Channel, ChannelError, type ChannelKind } from './contract.ts';
import { apiField } from './fields.ts';
import { earliest } from './look-back.ts';
import { openUploads, picturesOf } from './media.ts';
import { pickOurs } from './same-words.ts';
import { xSignIn } from './sign-in/x.ts';
import { someWords } from './words-only.ts';
import { byId, digits, type Listing, need, readPost, saysGone } from './x-post.ts';
import { openX } from './x-transport.ts';

const MINUTE = 60_000;
const FIELDS = 'created_at,entities,note_tweet,referenced_tweets';
const PAGES = 8;

/** https://docs.x.com/x-api/media/introduction: 5 MB, and 1,000 characters of description. */
const PICTURES: PictureLimits = { most: 4, bytes: 5_000_000, alt: 1_000, answers: true, edit: 'sent' };

/** twitter-text v3 weights: https://docs.x.com/fundamentals/counting-characters. Premium allows more; readers see 280. */
const limits: Limits = { unit: 'weighted', max: 280, urlLength: 23, pictures: PICTURES };

const can: Abilities = {
  replies: true,
  // Only accounts with a subscription; `verify` asks. https://docs.x.com/x-api/posts/edit-posts
  edit: 'new_id',
  editWindowMs: 30 * MINUTE,
  remove: true,
  idempotent: 'none',
  find: true,
  read: true,
  inbound: 'poll',
  altText: true,
  lagMs: 30_000,
  whenUnverifiable: 'hold',
  everyUpdate: false,
};

/** X, by its v2 API: with the token of somebody who signed in, or the four static secrets of OAuth 1.0a. */
export const x: ChannelKind = {
  kind: 'x',
  name: 'X',
  lifecycle: 'active',
  limits,
  can,
  template: 'post',
  cost: 'per_post',
  defaultRole: 'brand',
  checkedOn: '2026-11-21',
  promise:
    'X cannot recognise a repeated post. If the connection breaks while we send, we look through your own timeline for the link before anything is sent again, and a post counts as delivered when we have read it back.',
  fields: [
    {
      name: 'consumerKey',
      label: 'API key',
      help: 'X developer console, your app, “Keys and tokens”, “API key and secret”.',
      secret: true,
      required: true,
    },
    {
      name: 'consumerSecret',
      label: 'API key secret',
      help: 'Shown together with the API key, once.',
      secret: true,
      required: true,
    },
    {
      name: 'accessToken',
      label: 'Access token',
      help: 'Same page, “Access token and secret”. It begins with the number of the account that will post.',
      secret: true,
      required: true,
      placeholder: '1234567890-AbC…',
    },
    {
      name: 'accessSecret',
      label: 'Access token secret',
      help: 'Shown together with the access token, once.',
      secret: true,
      required: true,
    },
    apiField('X', 'https://api.x.com'),
  ],
  steps: [
    'Sign in to the X developer console as the account that will post, and make an app.',
    'Under “User authentication settings” choose “Read and write”.',
    'Make the access token after that: a token keeps the permissions of the moment it was made.',
    'Buy API credits and switch on automatic top-up. A post with a link costs about $0.20.',
  ],
  signIn: xSignIn,
  open(values, tools): Channel {
    const api = values['api']?.trim().replace(/\/+$/, '') || undefined;
    const web = api ?? 'https://x.com';
    const call = openX(api, values, tools);
    const whoAmI = askOnce(readMe);
    async function readMe(signal: AbortSignal) {
      const answer = await call({ signal, safe: true }).get('users/me', {
        'user.fields': 'protected,subscription_type',
      });
      const user = recordOf(recordOf(answer)['data']);
      return {
        id: need(user['id']),
        username: need(user['username']),
        subscription: textOf(user['subscription_type']) ?? 'None',
        hidden: user['protected'] === true,
      };
    }

    const linkTo = (id: string, username?: string) =>
      username === undefined ? `${web}/i/web/status/${id}` : `${web}/${username}/status/${id}`;

    async function write(body: Record<string, unknown>, signal: AbortSignal): Promise<RemotePost> {
      const answer = await call({ signal }).post('tweets', body);
      const id = need(recordOf(recordOf(answer)['data'])['id'], 'write');
      // Nothing that can fail may stand between X's yes and our record of it, so the name is not looked up here.
      return { id, url: linkTo(id) };
    }

    const upload = openUploads(async ({ bytes, mime, alt }, signal) => {
      const made = await call({ signal, safe: true }).post('media/upload', {
        media: Buffer.from(bytes).toString('base64'),
        media_category: 'tweet_image',
        media_type: mime,
      });
      const id = need(recordOf(recordOf(made)['data'])['id']);
      await call({ signal, safe: true }).post('media/metadata', {
        id,
        metadata: { alt_text: { text: alt } },
      });
      return id;
    });

    /** A timeline, newest first, as far back as `query` lets it go, and whether that was all of it. */
    async function timeline(path: string, query: Record<string, string>, signal: AbortSignal) {
      const { id } = await whoAmI(signal);
      const posts: Listing[] = [];
      let page: string | undefined;
      for (let i = 0; i < PAGES; i++) {
        const answer = recordOf(
          await call({ signal, safe: true }).get(
            `users/:id/${path}`,
            {
              ...query,
              max_results: '100',
              'tweet.fields': FIELDS,
              expansions: 'author_id',
              ...(page === undefined ? {} : { pagination_token: page }),
            },
            { params: { id } },
          ),
        );
        const meta = recordOf(answer['meta']);
        // An answer with errors instead of a count is a look that did not work, not an absence.
        if (typeof meta['result_count'] !== 'number') throw unreadable('X', 200, true);
        posts.push(...listOf(answer['data']).map((post) => readPost(post, answer)));
        page = textOf(meta['next_token']);
        if (page === undefined) return { posts, whole: true };
      }
      return { posts, whole: false };
    }

    const seen = (post: Listing): Seen => ({
      id: post.id,
      url: linkTo(post.id, post.author.username),
      text: post.text,
    });

    return {
      async verify(signal) {
        const { username, subscription, hidden } = await readMe(signal);
        const edits = subscription !== 'None';
        const { editWindowMs, ...unedited } = can;
        return {
          account: `@${username}`,
          url: `${web}/${username}`,
          limits,
          can: edits ? can : { ...unedited, edit: 'none' },
          ...(hidden ? { note: 'This account is protected: only its followers can see what it posts.' } : {}),
        };
      },
      async publish(draft, key, signal) {
        const text = someWords(draft, 'X');
        const media = await upload(picturesOf(draft, 'X', PICTURES), key, signal);
        return write(
          {
            text,
            ...(media.length === 0 ? {} : { media: { media_ids: media } }),
            ...(draft.inReplyTo === undefined ? {} : { reply: { in_reply_to_tweet_id: draft.inReplyTo.id } }),
          },
          signal,
        );
      },
      async find(draft, key, signal) {
        const since = new Date(earliest(key)).toISOString().replace(/\.\d+/, '');
        const { posts, whole } = await timeline('tweets', { start_time: since }, signal);
        const found = pickOurs(posts, draft);
        if (found !== undefined) return seen(found);
        if (whole) return null;
        throw tooMany('X');
      },
      async read(post, signal) {
        try {
          const answer = await call({ signal, safe: true }).get(
            'tweets/:id',
            { 'tweet.fields': FIELDS, expansions: 'author_id' },
            { params: { id: digits(post.id) } },
          );
          const body = recordOf(answer);
          if (body['data'] !== undefined) return seen(readPost(body['data'], body));
          if (listOf(body['errors']).some(saysGone)) return null;
          throw unreadable('X', 200, true);
        } catch (error) {
          if (error instanceof ChannelError && error.status === 404) return null;
          throw error;
        }
      },
      async edit(post, draft, key, signal) {
        const text = someWords(draft, 'X');
        // The changed post shows the pictures that are named again, and no others.
        const media = await upload(picturesOf(draft, 'X', PICTURES), key, signal);
        return write(
          {
            text,
            ...(media.length === 0 ? {} : { media: { media_ids: media } }),
            edit_options: { previous_post_id: digits(post.id) },
          },
          signal,
        );
      },
      async remove(post, signal) {
        try {
          await call({ signal }).delete('tweets/:id', undefined, { params: { id: digits(post.id) } });
        } catch (error) {
          if (!(error instanceof ChannelError && error.status === 404)) throw error;
        }
      },
      async poll(cursor, signal) {
        const about = cursor === null ? {} : { since_id: cursor };
        const { posts } = await timeline('mentions', about, signal);
        const items = posts.toSorted(byId).map(
          (post): Inbound => ({
            id: post.id,
            url: linkTo(post.id, post.author.username),
            at: post.at,
            author: {
              id: post.author.id,
              handle: `@${post.author.username ?? post.author.id}`,
              ...(post.author.name === undefined ? {} : { name: post.author.name }),
            },
            text: post.text,
            ...(post.answers === undefined ? {} : { inReplyTo: post.answers }),
            post: { id: post.id, url: linkTo(post.id, post.author.username) },
          }),
        );
        return { items, cursor: items.at(-1)?.id ?? cursor };
      },
    };
  },
};

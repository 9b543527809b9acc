import type { Abilities, Draft, Inbound, Key, Limits, Seen } from '../domain/channel.ts';
import { rootOf, webOf } from './ask-json.ts';
import { listOf, recordOf, textOf, unreadable } from './classify.ts';
import { mustBeAccount, openContainers, quotaNote } from './containers.ts';
import { type Channel, ChannelError, type ChannelKind, type ChannelTools } from './contract.ts';
import { apiField } from './fields.ts';
import { GRAPH_VERSION, isGone, metaId, openGraph, timeOf } from './graph.ts';
import { COMMENT_MAX, COMMENTS, isOlder, openComments, picked } from './instagram-comments.ts';
import { COMMENT, commentSeen, heardOf, MEDIA, mediaSeen, NETWORK, placeOf } from './instagram-entities.ts';
import { earliest } from './look-back.ts';
import { openLongToken } from './meta-token.ts';
import { greetMeta, metaHook, readMetaWebhook } from './meta-webhook.ts';
import { openCursor } from './poll-cursor.ts';
import { instagramSignIn } from './sign-in/meta.ts';
import { wordsOnly } from './words-only.ts';

const ALT_MAX = 1_000;
/** How many of our newest pictures are looked at for comments. */
const WATCHED = 25;

/** https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media */
const limits: Limits = { unit: 'utf16', max: 2_200, reply: COMMENT_MAX };

const can: Abilities = {
  replies: true,
  edit: 'none',
  remove: false,
  idempotent: 'none',
  find: true,
  read: true,
  inbound: 'both',
  altText: true,
  lagMs: 15_000,
  whenUnverifiable: 'hold',
  everyUpdate: false,
};

/** Instagram, through its API with Instagram login. Every post is a picture: the update's status card. */
export const instagram: ChannelKind = {
  kind: 'instagram',
  name: NETWORK,
  lifecycle: 'active',
  limits,
  can,
  template: 'long',
  cost: 'free',
  defaultRole: 'brand',
  checkedOn: '2026-11-21',
  promise:
    'Instagram prepares a post and then publishes it, once. If the connection breaks while we publish, we ask whether it was published and look through your own posts for the link before anything is sent again. Instagram lets no program edit or remove a post: a correction is a comment below it, and you remove it in the app.',
  withoutPictures: 'every post there is the update’s own card; the picture is on the page',
  fields: [
    {
      name: 'username',
      label: 'Account',
      help: 'The name of the professional account that will post.',
      secret: false,
      required: true,
      placeholder: '@northwindpay',
    },
    {
      name: 'accessToken',
      label: 'Access token',
      help: 'A long-lived token, from your app on developers.facebook.com, Instagram, “API setup with Instagram login”. We extend its 60 days ourselves.',
      secret: true,
      required: true,
    },
    {
      name: 'appSecret',
      label: 'Instagram app secret',
      help: 'Same page. With it Instagram can tell us about comments at once.',
      secret: true,
      required: false,
    },
    apiField('Instagram', 'https://graph.instagram.com'),
  ],
  steps: [
    'Make the account a professional one (Settings, Account type).',
    'Make an app on developers.facebook.com with Instagram, “API setup with Instagram login”, and add the account.',
    'Generate a token with instagram_business_basic, instagram_business_content_publish and instagram_business_manage_comments.',
    'The status page has to be reachable from the internet over https: Instagram fetches the picture of each update from it.',
    'To hear of comments at once: add the webhook and subscribe to comments.',
  ],
  hook: metaHook('Instagram', 'comments'),
  signIn: instagramSignIn,
  open: (values, tools) => openInstagram(values, tools),
};

/**
 * Where the picture of an update is: an update whose link is `https://status.example.com/u/7f3k2` has its status card
 * at `https://status.example.com/card/7f3k2.jpg`. Instagram fetches it from there, and takes no other format than JPEG.
 */
export function cardAddress(link: string | undefined): string {
  const url = link !== undefined && URL.canParse(link) ? new URL(link) : undefined;
  const code = url?.pathname.split('/').findLast((part) => part !== '');
  if (url === undefined || code === undefined)
    throw new ChannelError(
      'rejected',
      'Instagram takes pictures only, and the picture of an update is found by its link. Switch the link on for this account.',
      { code: 'no_picture' },
    );
  return `${url.origin}/card/${code}.jpg`;
}

function openInstagram(values: Record<string, string>, tools: ChannelTools): Channel {
  const root = rootOf(values['api'], 'https://graph.instagram.com');
  const web = webOf(root, 'https://www.instagram.com');
  const username = (values['username'] ?? '').trim().replace(/^@/, '');
  const appSecret = values['appSecret']?.trim() || undefined;
  const long = openLongToken({ network: NETWORK, root, grant: 'ig_refresh_token', values, tools });
  const ask = openGraph({ network: NETWORK, base: `${root}/${GRAPH_VERSION}`, tools, token: long.token });
  const idOf = (id: string) => metaId(id, NETWORK);

  const containers = openContainers({
    network: NETWORK,
    ask,
    publishPath: 'me/media_publish',
    statusField: 'status_code',
    look: (draft, key, signal) => lookForMedia(draft, key, signal),
    async create(draft, signal) {
      const caption = wordsOnly(draft, NETWORK);
      const made = await ask({
        method: 'POST',
        path: 'me/media',
        // The picture says what the caption says, so that is what it is called for who cannot see it.
        body: { image_url: cardAddress(draft.link), caption, alt_text: shortened(caption, ALT_MAX) },
        signal,
        safe: true,
      });
      const id = textOf(made['id']);
      if (id === undefined) throw unreadable(NETWORK, 200, true);
      return idOf(id);
    },
  });

  const { list, commentsOn, answer, lookForComment } = openComments(ask, username);

  async function lookForMedia(draft: Draft, key: Key, signal: AbortSignal): Promise<Seen | null> {
    const since = earliest(key);
    const { entries, whole } = await list(
      'me/media',
      { fields: MEDIA, limit: '100' },
      isOlder(since),
      signal,
    );
    const recent = entries.filter((entry) => timeOf(entry['timestamp']) >= since);
    return picked(recent.map(mediaSeen), whole, draft);
  }

  return {
    async verify(signal) {
      const me = await ask({ method: 'GET', path: 'me', query: { fields: 'user_id,username,name' }, signal });
      const name = mustBeAccount(textOf(me['username']), username, NETWORK);
      // The documents name three different numbers; the account's own is in its configuration.
      const {
        entries: [usage = {}],
      } = await list('me/content_publishing_limit', { fields: 'config,quota_usage' }, () => true, signal);
      const expiresAt = await long.expiresAt(signal);
      return {
        account: `@${name}`,
        url: `${web}/${name}`,
        limits,
        can: appSecret === undefined ? { ...can, inbound: 'poll' } : can,
        ...(expiresAt === undefined ? {} : { expiresAt }),
        ...quotaNote(usage),
      };
    },
    publish: (draft, key, signal) =>
      draft.inReplyTo === undefined
        ? containers.publish(draft, key, signal)
        : answer(draft, draft.inReplyTo, signal),
    find: (draft, key, signal) =>
      draft.inReplyTo === undefined
        ? containers.find(draft, key, signal)
        : lookForComment(draft, draft.inReplyTo, key, signal),
    async read(post, signal) {
      const { kind, media } = placeOf(post);
      const fields = kind === 'comment' ? `${COMMENT},media{id,permalink}` : MEDIA;
      try {
        const entry = await ask({
          method: 'GET',
          path: idOf(post.id),
          query: { fields },
          signal,
          onePost: true,
        });
        if (kind !== 'comment') return mediaSeen(entry);
        const on = recordOf(entry['media']);
        return commentSeen(entry, {
          media: textOf(on['id']) ?? media ?? '',
          permalink: textOf(on['permalink']),
        });
      } catch (error) {
        if (isGone(error)) return null;
        throw error;
      }
    },
    async poll(cursor, signal) {
      const looking = openCursor(cursor, tools.now());
      const { since } = looking;
      const found: Inbound[] = [];
      const fields = `id,permalink,${COMMENTS}`;
      const watched = await list('me/media', { fields, limit: String(WATCHED) }, () => true, signal);
      for (const media of watched.entries) {
        const on = { media: textOf(media['id']) ?? '', permalink: textOf(media['permalink']) };
        for (const entry of (await commentsOn(media, since, signal)).entries) {
          const parent = textOf(entry['parent_id']) ?? on.media;
          found.push(
            ...[heardOf(entry, commentSeen(entry, on), username, parent)].flatMap((one) => one ?? []),
          );
        }
      }
      const tagged = await list('me/tags', { fields: MEDIA, limit: '50' }, isOlder(since), signal);
      for (const entry of tagged.entries) {
        const seen = { ...mediaSeen(entry), raw: { kind: 'mention' } };
        found.push(...[heardOf(entry, seen, username)].flatMap((one) => one ?? []));
      }
      return looking.take(found.reverse());
    },
    greet: (call) => greetMeta(NETWORK, tools.hook?.secret, call),
    receive(headers, body) {
      const call = readMetaWebhook(NETWORK, appSecret, headers, body);
      return listOf(call['entry'])
        .map(recordOf)
        .flatMap((entry) => {
          // With Instagram login the change is the entry itself.
          const changes = entry['changes'] === undefined ? [entry] : listOf(entry['changes']).map(recordOf);
          return changes.flatMap((change) => commentIn(change, Number(entry['time'])) ?? []);
        });
    },
  };

  function commentIn(change: Record<string, unknown>, seconds: number): Inbound | undefined {
    const value = recordOf(change['value']);
    if (change['field'] !== 'comments' || textOf(value['text']) === undefined) return undefined;
    const media = textOf(recordOf(value['media'])['id']) ?? '';
    const timestamp = new Date(seconds * 1000 || 0).toISOString();
    const seen = commentSeen(value, { media, permalink: null });
    return heardOf({ ...value, timestamp }, seen, username, textOf(value['parent_id']) ?? media);
  }
}

/** Whole words, as many as fit. */
function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/\s+\S*$/, '')}…`;
}

import type {
  Abilities,
  Draft,
  Inbound,
  Limits,
  PictureLimits,
  RemotePost,
  Seen,
} from '../domain/channel.ts';
import { rootOf, webOf } from './ask-json.ts';
import { listOf, recordOf, textOf, tooMany, unreadable } from './classify.ts';
import { type Channel, ChannelError, type ChannelKind, type ChannelTools } from './contract.ts';
import { apiField } from './fields.ts';
import { GRAPH_VERSION, isGone, metaId, openGraph, readList, readPages, timeOf } from './graph.ts';
import { earliest } from './look-back.ts';
import { filenameOf, formOf, openUploads, picturesOf } from './media.ts';
import { greetMeta, metaHook, readMetaWebhook } from './meta-webhook.ts';
import { openCursor } from './poll-cursor.ts';
import { pickOurs } from './same-words.ts';
import { facebookSignIn } from './sign-in/meta.ts';
import { someWords, wordsOnly } from './words-only.ts';

const NETWORK = 'Facebook';
const FIELDS = 'id,message,created_time,permalink_url,from{id,name}';
/** A comment may be this long; a post may be nearly eight times that. */
const COMMENT_MAX = 8_000;

/** https://developers.facebook.com/docs/graph-api/reference/page/photos: 10 MB, and below it for PNG it is not spoiled. */
const PICTURES: PictureLimits = { most: 10, bytes: 4_000_000, alt: 1_000, answers: false, edit: 'kept' };

const limits: Limits = { unit: 'utf16', max: 63_206, reply: COMMENT_MAX, pictures: PICTURES };

const can: Abilities = {
  replies: true,
  // Only what this app has posted: https://developers.facebook.com/docs/pages-api/posts
  edit: 'in_place',
  remove: true,
  idempotent: 'none',
  find: true,
  read: true,
  inbound: 'both',
  altText: true,
  lagMs: 10_000,
  whenUnverifiable: 'hold',
  everyUpdate: false,
};

/** A Facebook Page, through the Graph API with a Page access token. */
export const facebook: ChannelKind = {
  kind: 'facebook',
  name: NETWORK,
  lifecycle: 'active',
  limits,
  can,
  template: 'long',
  cost: 'free',
  defaultRole: 'brand',
  checkedOn: '2026-11-21',
  promise:
    'Facebook cannot recognise a repeated post. If the connection breaks while we send, we look through the page’s own feed for the link before anything is sent again, and a post counts as delivered when we have read it back.',
  fields: [
    {
      name: 'pageId',
      label: 'Page number',
      help: 'On the page: About, Page transparency, “Page ID”.',
      secret: false,
      required: true,
      placeholder: '104859271838',
    },
    {
      name: 'accessToken',
      label: 'Page access token',
      help: 'From Business settings, System users, “Generate token”; one that never expires.',
      secret: true,
      required: true,
    },
    {
      name: 'appSecret',
      label: 'App secret',
      help: 'Your app on developers.facebook.com, Settings, Basic. With it every call is signed, and Facebook can tell us about comments at once.',
      secret: true,
      required: false,
    },
    apiField('Facebook', 'https://graph.facebook.com'),
  ],
  steps: [
    'Make an app of the type “Business” on developers.facebook.com, and give a system user of your business the page.',
    'Generate a token for that system user with pages_manage_posts, pages_manage_engagement, pages_read_engagement and pages_read_user_content, and read the page’s own token from /me/accounts.',
    'To hear of comments at once: add the product Webhooks to the app, choose Page, and subscribe to feed and mention.',
  ],
  hook: metaHook('Page', 'feed and mention'),
  signIn: facebookSignIn,
  open: (values, tools) => openFacebook(values, tools),
};

function openFacebook(values: Record<string, string>, tools: ChannelTools): Channel {
  const root = rootOf(values['api'], 'https://graph.facebook.com');
  const web = webOf(root, 'https://www.facebook.com');
  const page = values['pageId']?.trim() ?? '';
  const token = values['accessToken']?.trim() ?? '';
  const appSecret = values['appSecret']?.trim() || undefined;
  const base = `${root}/${GRAPH_VERSION}`;
  const ask = openGraph({ network: NETWORK, base, tools, token: async () => token, appSecret });
  const idOf = (id: string) => metaId(id, NETWORK);

  const wordsOf = (draft: Draft, isAnswer: boolean): { message: string } => {
    // A comment goes without pictures.
    const message = isAnswer ? wordsOnly(draft, NETWORK) : someWords(draft, NETWORK);
    if (isAnswer && message.length > COMMENT_MAX)
      throw new ChannelError(
        'rejected',
        `A comment on Facebook can have ${COMMENT_MAX} characters; this one has ${message.length}. Shorten it.`,
        { code: 'comment_too_long' },
      );
    return { message };
  };

  /** Put there unpublished: only a post that names it shows it. */
  const upload = openUploads(async (picture, signal) => {
    const file = {
      name: 'source',
      filename: filenameOf(picture, 0),
      mime: picture.mime,
      bytes: picture.bytes,
    };
    const form = formOf({ published: 'false', alt_text_custom: picture.alt }, [file]);
    const made = await ask({ method: 'POST', path: `${page}/photos`, form, signal, safe: true });
    const id = textOf(made['id']);
    if (id === undefined) throw unreadable(NETWORK, 200, true);
    return id;
  });

  const postOf = (id: string): RemotePost => ({ id, url: `${web}/${id}` });
  const seenOf = (entry: Record<string, unknown>): Seen => {
    const id = textOf(entry['id']);
    if (id === undefined) throw unreadable(NETWORK, 200, true);
    return {
      id,
      url: textOf(entry['permalink_url']) ?? `${web}/${id}`,
      text: textOf(entry['message']) ?? '',
    };
  };

  /** What somebody else said, in a post or a comment; undefined for the page's own words. */
  function heard(entry: Record<string, unknown>, on?: string): Inbound | undefined {
    const id = textOf(entry['id']);
    const from = recordOf(entry['from']);
    const author = textOf(from['id']);
    // Without the permission to read them Facebook leaves the names out; the words are worth having all the same.
    if (id === undefined || author === page) return undefined;
    const name = textOf(from['name']);
    const { text, ...post } = seenOf(entry);
    const parent = textOf(recordOf(entry['parent'])['id']) ?? on;
    return {
      id,
      url: post.url,
      at: timeOf(entry['created_time']),
      author: {
        id: author ?? 'unknown',
        handle: name ?? 'Somebody on Facebook',
        ...(name === undefined ? {} : { name }),
      },
      text,
      ...(parent === undefined ? {} : { inReplyTo: parent }),
      post,
    };
  }

  return {
    async verify(signal) {
      const me = await ask({ method: 'GET', path: 'me', query: { fields: 'id,name,username,link' }, signal });
      const id = textOf(me['id']);
      if (id === undefined) throw unreadable(NETWORK, 200, true);
      if (id !== page)
        throw new ChannelError(
          'auth',
          `This token belongs to ${textOf(me['name']) ?? 'another account'} (${id}), not to page ${page}. Enter the page’s own token.`,
          { code: 'other_page' },
        );
      return {
        account: textOf(me['name']) ?? id,
        url: textOf(me['link']) ?? `${web}/${textOf(me['username']) ?? id}`,
        limits,
        can: appSecret === undefined ? { ...can, inbound: 'poll' } : can,
      };
    },
    async publish(draft, key, signal) {
      const { inReplyTo } = draft;
      const path = inReplyTo === undefined ? `${page}/feed` : `${idOf(inReplyTo.id)}/comments`;
      const words = wordsOf(draft, inReplyTo !== undefined);
      const photos = await upload(picturesOf(draft, NETWORK, PICTURES), key, signal);
      const body =
        photos.length === 0 ? words : { ...words, attached_media: photos.map((id) => ({ media_fbid: id })) };
      const made = await ask({ method: 'POST', path, body, signal, onePost: inReplyTo !== undefined });
      const id = textOf(made['id']);
      if (id === undefined) throw unreadable(NETWORK, 200);
      return postOf(id);
    },
    async find(draft, key, signal) {
      const after = earliest(key);
      const { inReplyTo } = draft;
      const where = inReplyTo === undefined ? page : idOf(inReplyTo.id);
      const edge = inReplyTo === undefined ? 'feed' : 'comments';
      const { entries, whole } = await readList(
        ask,
        {
          network: NETWORK,
          method: 'GET',
          path: `${where}/${edge}`,
          query: {
            fields: FIELDS,
            limit: '100',
            ...(inReplyTo === undefined ? {} : { filter: 'stream', order: 'reverse_chronological' }),
          },
          signal,
        },
        (page) => page.every((entry) => timeOf(entry['created_time']) < after),
      );
      const ours = entries
        .filter((entry) => recordOf(entry['from'])['id'] === page && timeOf(entry['created_time']) >= after)
        .map((entry) => ({ ...seenOf(entry), links: [] }));
      const found = pickOurs(ours, draft);
      if (found !== undefined) return { id: found.id, url: found.url, text: found.text };
      if (whole) return null;
      throw tooMany(NETWORK);
    },
    async read(post, signal) {
      try {
        return seenOf(
          await ask({ method: 'GET', path: idOf(post.id), query: { fields: FIELDS }, signal, onePost: true }),
        );
      } catch (error) {
        if (isGone(error)) return null;
        throw error;
      }
    },
    async edit(post, draft, _key, signal) {
      // A comment's number has no page in front, so nothing tells a long one apart but Facebook itself.
      await ask({ method: 'POST', path: idOf(post.id), body: wordsOf(draft, false), signal, onePost: true });
      return postOf(post.id);
    },
    async remove(post, signal) {
      try {
        await ask({ method: 'DELETE', path: idOf(post.id), signal, onePost: true });
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    },
    async tryOut(signal) {
      const body = {
        message: 'Tocsin is connected. Only the people who run the page see this.',
        published: false,
      };
      const made = await ask({ method: 'POST', path: `${page}/feed`, body, signal });
      const id = textOf(made['id']);
      if (id === undefined) throw unreadable(NETWORK, 200);
      await ask({ method: 'DELETE', path: idOf(id), signal, onePost: true });
      return 'A post that was not published.';
    },
    async poll(cursor, signal) {
      const looking = openCursor(cursor, tools.now());
      const comments = `comments.filter(stream).order(reverse_chronological).limit(100){${FIELDS},parent{id}}`;
      const feed = await readPages(
        ask,
        {
          network: NETWORK,
          method: 'GET',
          path: `${page}/feed`,
          query: { fields: `${FIELDS},${comments}`, limit: '50' },
          signal,
        },
        (entries) => entries.some((entry) => timeOf(entry['created_time']) < looking.since),
      );
      const listed: Inbound[] = [];
      for (const entry of feed) {
        listed.push(...[heard(entry)].flatMap((one) => one ?? []));
        const on = textOf(entry['id']) ?? '';
        const below = recordOf(entry['comments']);
        let found = listOf(below['data']).map(recordOf);
        const oldest = found.at(-1);
        if (
          oldest !== undefined &&
          recordOf(below['paging'])['next'] !== undefined &&
          timeOf(oldest['created_time']) >= looking.since
        )
          found = await readPages(
            ask,
            {
              network: NETWORK,
              method: 'GET',
              path: `${idOf(on)}/comments`,
              query: {
                fields: `${FIELDS},parent{id}`,
                filter: 'stream',
                order: 'reverse_chronological',
                limit: '100',
              },
              signal,
            },
            (page) => page.some((one) => timeOf(one['created_time']) < looking.since),
          );
        listed.push(...found.flatMap((one) => heard(one, on) ?? []));
      }
      return looking.take(listed.reverse());
    },
    greet: (call) => greetMeta(NETWORK, tools.hook?.secret, call),
    receive(headers, body) {
      const call = readMetaWebhook(NETWORK, appSecret, headers, body);
      return listOf(call['entry'])
        .map(recordOf)
        .filter((entry) => entry['id'] === page)
        .flatMap((entry) => listOf(entry['changes']).map(recordOf))
        .flatMap((change) => changed(change) ?? []);
    },
  };

  /** A change of the fields `feed` and `mention` that brings somebody's words. */
  function changed(change: Record<string, unknown>): Inbound | undefined {
    const value = recordOf(change['value']);
    if (value['verb'] !== 'add' || textOf(value['message']) === undefined) return undefined;
    const item = value['item'];
    if (item === 'reaction' || item === 'like') return undefined;
    const id = textOf(value['comment_id']) ?? textOf(value['post_id']);
    const post = textOf(value['post_id']);
    const parent = textOf(value['parent_id']);
    const seconds = value['created_time'];
    const sender = textOf(value['sender_id']);
    return heard(
      {
        id,
        message: value['message'],
        from: value['from'] ?? { id: sender, name: value['sender_name'] },
        created_time: typeof seconds === 'number' ? new Date(seconds * 1000).toISOString() : undefined,
        permalink_url: recordOf(value['post'])['permalink_url'],
        ...(parent === undefined || parent === id ? {} : { parent: { id: parent } }),
      },
      item === 'comment' ? post : undefined,
    );
  }
}

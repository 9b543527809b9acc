import type { Abilities, Draft, Inbound, Key, Limits, Seen } from '../domain/channel.ts';
import { rootOf, webOf } from './ask-json.ts';
import { recordOf, textOf, tooMany, unreadable } from './classify.ts';
import { mustBeAccount, openContainers, quotaNote } from './containers.ts';
import type { Channel, ChannelKind, ChannelTools } from './contract.ts';
import { apiField } from './fields.ts';
import { isGone, metaId, openGraph, readList, readPages, timeOf } from './graph.ts';
import { earliest } from './look-back.ts';
import { openLongToken } from './meta-token.ts';
import { greetMeta, metaHook, readMetaWebhook } from './meta-webhook.ts';
import { openCursor } from './poll-cursor.ts';
import { pickOurs } from './same-words.ts';
import { threadsSignIn } from './sign-in/meta.ts';
import { wordsOnly } from './words-only.ts';

const NETWORK = 'Threads';
const FIELDS = 'id,text,timestamp,permalink,username,replied_to';
/** How many of our newest posts are looked at for replies. */
const WATCHED = 25;

/** "500 characters. Emojis are counted as the number of UTF-8 bytes." https://developers.facebook.com/docs/threads/posts */
const limits: Limits = { unit: 'emoji_bytes', max: 500 };

const can: Abilities = {
  replies: true,
  // People can edit for 15 minutes in the app, programs cannot.
  edit: 'none',
  remove: true,
  idempotent: 'none',
  find: true,
  read: true,
  inbound: 'both',
  altText: false,
  lagMs: 15_000,
  whenUnverifiable: 'hold',
  everyUpdate: false,
};

/** Threads, through its own API with a user token of 60 days. */
export const threads: ChannelKind = {
  kind: 'threads',
  name: NETWORK,
  lifecycle: 'active',
  limits,
  can,
  template: 'post',
  cost: 'free',
  defaultRole: 'brand',
  checkedOn: '2026-11-21',
  promise:
    'Threads prepares a post and then publishes it, once. If the connection breaks while we publish, we ask whether it was published and look through your own posts for the link before anything is sent again. A post counts as delivered when we have read it back. Threads lets no program edit.',
  fields: [
    {
      name: 'username',
      label: 'Account',
      help: 'The name of the account that will post.',
      secret: false,
      required: true,
      placeholder: '@northwindpay',
    },
    {
      name: 'accessToken',
      label: 'Access token',
      help: 'A long-lived user token, from your app on developers.facebook.com, use case “Threads API”, User token generator. We extend its 60 days ourselves.',
      secret: true,
      required: true,
    },
    {
      name: 'appSecret',
      label: 'Threads app secret',
      help: 'Your app, Settings, Basic. With it Threads can tell us about replies at once.',
      secret: true,
      required: false,
    },
    apiField('Threads', 'https://graph.threads.net'),
  ],
  steps: [
    'Make an app with the use case “Access the Threads API” on developers.facebook.com.',
    'Add threads_basic, threads_content_publish, threads_manage_replies, threads_read_replies, threads_manage_mentions and threads_delete, and add the account as a tester until Meta has reviewed them.',
    'Generate a token in the User token generator and exchange it for a long-lived one.',
    'To hear of replies at once: add the Threads webhooks to the app and subscribe to replies and mentions.',
  ],
  hook: metaHook('Threads', 'replies and mentions'),
  signIn: threadsSignIn,
  open: (values, tools) => openThreads(values, tools),
};

function openThreads(values: Record<string, string>, tools: ChannelTools): Channel {
  const root = rootOf(values['api'], 'https://graph.threads.net');
  const username = (values['username'] ?? '').trim().replace(/^@/, '');
  const appSecret = values['appSecret']?.trim() || undefined;
  const long = openLongToken({ network: NETWORK, root, grant: 'th_refresh_token', values, tools });
  const ask = openGraph({ network: NETWORK, base: `${root}/v1.0`, tools, token: long.token });
  const idOf = (id: string) => metaId(id, NETWORK);

  const containers = openContainers({
    network: NETWORK,
    ask,
    publishPath: 'me/threads_publish',
    statusField: 'status',
    look: (draft, key, signal) => lookFor(draft, key, signal),
    async create(draft, signal) {
      const made = await ask({
        method: 'POST',
        path: 'me/threads',
        body: {
          media_type: 'TEXT',
          text: wordsOnly(draft, NETWORK),
          ...(draft.inReplyTo === undefined ? {} : { reply_to_id: idOf(draft.inReplyTo.id) }),
        },
        signal,
        safe: true,
        onePost: draft.inReplyTo !== undefined,
      });
      const id = textOf(made['id']);
      if (id === undefined) throw unreadable(NETWORK, 200, true);
      return idOf(id);
    },
  });

  const seenOf = (entry: Record<string, unknown>): Seen => {
    const id = textOf(entry['id']);
    if (id === undefined) throw unreadable(NETWORK, 200, true);
    return { id, url: textOf(entry['permalink']) ?? null, text: textOf(entry['text']) ?? '' };
  };

  function heard(entry: Record<string, unknown>): Inbound | undefined {
    const author = textOf(entry['username']);
    if (author === undefined || author === username || textOf(entry['id']) === undefined) return undefined;
    const { text, ...post } = seenOf(entry);
    const parent = textOf(recordOf(entry['replied_to'])['id']);
    return {
      id: post.id,
      url: post.url,
      at: timeOf(entry['timestamp']),
      author: { id: author, handle: `@${author}` },
      text,
      ...(parent === undefined ? {} : { inReplyTo: parent }),
      post,
    };
  }

  const list = (path: string, query: Record<string, string>, since: number, signal: AbortSignal) =>
    readList(
      ask,
      { network: NETWORK, method: 'GET', path, query: { limit: '100', ...query }, signal },
      (page) => page.every((entry) => timeOf(entry['timestamp']) < since),
    );

  const onePage = (path: string, query: Record<string, string>, signal: AbortSignal) =>
    readPages(ask, { network: NETWORK, method: 'GET', path, query, signal }, () => true);

  async function lookFor(draft: Draft, key: Key, signal: AbortSignal): Promise<Seen | null> {
    const since = earliest(key);
    const path = draft.inReplyTo === undefined ? 'me/threads' : 'me/replies';
    const query = { fields: FIELDS, since: String(Math.floor(since / 1000)) };
    const { entries, whole } = await list(path, query, since, signal);
    const found = pickOurs(
      entries
        .filter((entry) => timeOf(entry['timestamp']) >= since)
        .map((entry) => ({
          ...seenOf(entry),
          links: [],
          answers: textOf(recordOf(entry['replied_to'])['id']),
        })),
      draft,
    );
    if (found !== undefined) return { id: found.id, url: found.url, text: found.text };
    if (whole) return null;
    throw tooMany(NETWORK);
  }

  return {
    async verify(signal) {
      const me = await ask({ method: 'GET', path: 'me', query: { fields: 'id,username,name' }, signal });
      const name = mustBeAccount(textOf(me['username']), username, NETWORK);
      const quota = { fields: 'quota_usage,config' };
      const [usage = {}] = await onePage('me/threads_publishing_limit', quota, signal);
      const expiresAt = await long.expiresAt(signal);
      return {
        account: `@${name}`,
        url: `${webOf(root, 'https://www.threads.com')}/@${name}`,
        limits,
        can: appSecret === undefined ? { ...can, inbound: 'poll' } : can,
        ...(expiresAt === undefined ? {} : { expiresAt }),
        ...quotaNote(usage),
      };
    },
    publish: containers.publish,
    find: containers.find,
    tryOut: (signal) => containers.tryOut({ text: 'Tocsin is connected.' }, signal),
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
    async remove(post, signal) {
      try {
        await ask({ method: 'DELETE', path: idOf(post.id), signal, onePost: true });
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    },
    async poll(cursor, signal) {
      const looking = openCursor(cursor, tools.now());
      const since = String(Math.floor(looking.since / 1000));
      const { entries: found } = await list('me/mentions', { fields: FIELDS, since }, looking.since, signal);
      const newest = { fields: 'id,has_replies', limit: String(WATCHED) };
      for (const post of await onePage('me/threads', newest, signal))
        if (post['has_replies'] === true)
          found.push(
            ...(
              await list(
                `${idOf(textOf(post['id']) ?? '')}/conversation`,
                { fields: FIELDS, reverse: 'true' },
                looking.since,
                signal,
              )
            ).entries,
          );
      return looking.take(found.reverse().flatMap((entry) => heard(entry) ?? []));
    },
    greet: (call) => greetMeta(NETWORK, tools.hook?.secret, call),
    receive(headers, body) {
      const call = readMetaWebhook(NETWORK, appSecret, headers, body);
      const values = recordOf(call['values']);
      if (values['field'] !== 'replies' && values['field'] !== 'mentions') return [];
      return [heard(recordOf(values['value']))].flatMap((one) => one ?? []);
    },
  };
}

import type { Abilities, Draft, Key, Limits, PictureLimits, RemotePost, Seen } from '../domain/channel.ts';
import { rootOf, webOf } from './ask-json.ts';
import { inboundOf, type Notice, POST, partsOf, readCursor, readNotice, recordFor } from './bluesky-post.ts';
import { NETWORK, openBlueskySession } from './bluesky-session.ts';
import { listOf, recordOf, textOf, unreadable } from './classify.ts';
import { type Channel, ChannelError, type ChannelKind, type ChannelTools } from './contract.ts';
import { openUploads, picturesOf } from './media.ts';
import { tidOf } from './tid.ts';
import { someWords } from './words-only.ts';

const PAGES = 8;

/** "maxLength": 4 and "maxSize": 1000000 in the lexicon of app.bsky.embed.images; the app shows 2,000 characters. */
const PICTURES: PictureLimits = { most: 4, bytes: 1_000_000, alt: 2_000, answers: true, edit: 'kept' };

/** Both ceilings are the server's: "maxGraphemes": 300, "maxLength": 3000 in the post's lexicon. */
const limits: Limits = { unit: 'graphemes', max: 300, bytes: 3000, pictures: PICTURES };

const can: Abilities = {
  replies: true,
  // The record can be changed, but readers keep seeing the first version: a correction is a reply.
  edit: 'none',
  remove: true,
  idempotent: 'always',
  find: true,
  read: true,
  inbound: 'poll',
  altText: true,
  lagMs: 5_000,
  whenUnverifiable: 'hold',
  everyUpdate: false,
};

/** Bluesky, or any atproto server, with an app password. */
export const bluesky: ChannelKind = {
  kind: 'bluesky',
  name: 'Bluesky',
  lifecycle: 'active',
  limits,
  can,
  template: 'post',
  cost: 'free',
  defaultRole: 'brand',
  checkedOn: '2026-11-21',
  promise:
    'Each post has its own place on Bluesky before it is sent, so a repeat can never make a second one. It counts as delivered when we have read it back.',
  fields: [
    {
      name: 'service',
      label: 'Server',
      help: 'Where your account lives: https://bsky.social, unless you run your own server.',
      secret: false,
      required: true,
      placeholder: 'https://bsky.social',
    },
    {
      name: 'identifier',
      label: 'Handle',
      help: 'The name of the account, without @.',
      secret: false,
      required: true,
      placeholder: 'northwindpay.com',
    },
    {
      name: 'password',
      label: 'App password',
      help: 'Bluesky: Settings, Privacy and security, App passwords. Not the password of the account.',
      secret: true,
      required: true,
      placeholder: 'xxxx-xxxx-xxxx-xxxx',
    },
  ],
  steps: [
    'Sign in to Bluesky as the account that will post.',
    'Open Settings, Privacy and security, App passwords.',
    'Make an app password for Tocsin. It needs no access to direct messages.',
  ],
  open: (values, tools) => openBluesky(values, tools),
};

function openBluesky(values: Record<string, string>, tools: ChannelTools): Channel {
  const service = rootOf(values['service'], '');
  const web = webOf(service, 'https://bsky.app');
  const session = openBlueskySession(service, values, tools);

  const urlOf = (uri: string): string => {
    const { repo, rkey } = partsOf(uri);
    return `${web}/profile/${repo}/post/${rkey}`;
  };

  async function look(uri: string, signal: AbortSignal): Promise<Seen | null> {
    const { repo, collection, rkey } = partsOf(uri);
    try {
      const answer = await session.call({
        method: 'GET',
        nsid: 'com.atproto.repo.getRecord',
        query: [
          ['repo', repo],
          ['collection', collection],
          ['rkey', rkey],
        ],
        safe: true,
        signal,
      });
      const text = textOf(recordOf(answer['value'])['text']);
      const cid = textOf(answer['cid']);
      if (text === undefined || cid === undefined) throw unreadable(NETWORK, 200, true);
      return { id: uri, url: urlOf(uri), raw: { cid }, text };
    } catch (error) {
      if (error instanceof ChannelError && error.code === 'RecordNotFound') return null;
      throw error;
    }
  }

  /** The address that a delivery's post has, whether or not it is there. */
  const uriOf = async (key: Key, signal: AbortSignal): Promise<string> =>
    `at://${(await session.whoAmI(signal)).did}/${POST}/${tidOf(key)}`;

  /** A blob's name follows from its bytes, so that a repeat names the same one. */
  const upload = openUploads(async ({ bytes, mime }, signal) => {
    const answer = await session.call({
      method: 'POST',
      nsid: 'com.atproto.repo.uploadBlob',
      blob: { bytes, mime },
      safe: true,
      signal,
    });
    if (answer['blob'] === undefined) throw unreadable(NETWORK, 200, true);
    return answer['blob'];
  });

  /** A reference is the address and the exact bytes; a receipt from before we kept the cid is looked up. */
  async function refOf(post: RemotePost, signal: AbortSignal): Promise<{ uri: string; cid: string }> {
    const cid = textOf(post.raw?.['cid']) ?? textOf((await look(post.id, signal))?.raw?.['cid']);
    if (cid === undefined)
      throw new ChannelError('rejected', 'The post that this one answers is not on Bluesky any more.', {
        code: 'parent_gone',
      });
    return { uri: post.id, cid };
  }

  async function replyTo(draft: Draft, signal: AbortSignal) {
    if (draft.inReplyTo === undefined) return {};
    const parent = await refOf(draft.inReplyTo, signal);
    const known = recordOf(draft.inReplyTo.raw?.['root']);
    const uri = textOf(known['uri']);
    const cid = textOf(known['cid']);
    // In our own thread the outbox names the first post; in a customer's, their post told us its root.
    const root =
      draft.root !== undefined
        ? await refOf(draft.root, signal)
        : uri !== undefined && cid !== undefined
          ? { uri, cid }
          : parent;
    return { reply: { root, parent } };
  }

  return {
    async verify(signal) {
      // The first time there is no session, so this logs in; later it proves the one we use, and logging in is scarce.
      const answer = await session.call({
        method: 'GET',
        nsid: 'com.atproto.server.getSession',
        safe: true,
        signal,
      });
      const did = textOf(answer['did']);
      const handle = textOf(answer['handle']) ?? did;
      if (did === undefined) throw unreadable(NETWORK, 200, true);
      return { account: `@${handle}`, url: `${web}/profile/${did}`, limits, can };
    },
    async publish(draft, key, signal) {
      const text = someWords(draft, NETWORK);
      const pictures = picturesOf(draft, NETWORK, PICTURES);
      if (pictures.length > 0 && draft.link !== undefined && !text.includes(draft.link))
        throw new ChannelError(
          'rejected',
          'A post on Bluesky shows pictures or a link card, not both. Put the link into the words.',
          {
            code: 'media',
          },
        );
      const blobs = await upload(pictures, key, signal);
      const images = blobs.map((image, i) => ({ image, alt: pictures[i]?.alt ?? '' }));
      const uri = await uriOf(key, signal);
      const { repo, rkey } = partsOf(uri);
      const reply = await replyTo(draft, signal);
      try {
        const answer = await session.call({
          method: 'POST',
          nsid: 'com.atproto.repo.putRecord',
          // With swapRecord null the server makes the record, or finds the same bytes, and never overwrites others.
          body: {
            repo,
            collection: POST,
            rkey,
            record: recordFor(draft, text, key, reply, images),
            swapRecord: null,
          },
          safe: false,
          signal,
        });
        const cid = textOf(answer['cid']);
        if (cid === undefined) throw unreadable(NETWORK, 200);
        const raw = reply.reply === undefined ? { cid } : { cid, root: reply.reply.root };
        return { id: uri, url: urlOf(uri), raw };
      } catch (error) {
        if (error instanceof ChannelError && error.code === 'InvalidSwap')
          throw new ChannelError(
            'rejected',
            'Bluesky has a post in this place already, with other words. Nothing was overwritten; look at the account.',
            {
              code: 'InvalidSwap',
              status: error.status,
              duplicate: true,
              existing: { id: uri, url: urlOf(uri) },
            },
          );
        throw error;
      }
    },
    find: async (_draft, key, signal) => look(await uriOf(key, signal), signal),
    read: (post, signal) => look(post.id, signal),
    async remove(post, signal) {
      const { repo, collection, rkey } = partsOf(post.id);
      await session.call({
        method: 'POST',
        nsid: 'com.atproto.repo.deleteRecord',
        body: { repo, collection, rkey },
        safe: false,
        signal,
      });
    },
    async poll(cursor, signal) {
      const last = readCursor(cursor);
      const fresh: Notice[] = [];
      let older: string | undefined;
      for (let i = 0; i < PAGES; i++) {
        const answer = await session.call({
          method: 'GET',
          nsid: 'app.bsky.notification.listNotifications',
          query: [
            ['limit', '100'],
            ...['mention', 'reply', 'quote'].map((reason): [string, string] => ['reasons', reason]),
            ...(older === undefined ? [] : [['cursor', older] as [string, string]]),
          ],
          safe: true,
          signal,
        });
        const page = listOf(answer['notifications']).flatMap((one) => readNotice(one) ?? []);
        fresh.push(...page.filter((one) => one.seenAt >= last.at && !last.uris.includes(one.uri)));
        older = textOf(answer['cursor']);
        // The first time the newest page is enough: nobody answers last year's mentions in a crisis.
        if (older === undefined || cursor === null || page.some((one) => one.seenAt < last.at)) break;
      }
      const items = fresh
        .toSorted((a, b) => a.seenAt.localeCompare(b.seenAt))
        .map((one) => inboundOf(one, urlOf));
      const at = fresh.reduce((max, one) => (one.seenAt > max ? one.seenAt : max), last.at);
      // Two may share an instant, so the cursor names those of the last one.
      const uris = fresh.filter((one) => one.seenAt === at).map((one) => one.uri);
      const seen = at === last.at ? [...last.uris, ...uris] : uris;
      return { items, cursor: at === '' ? cursor : [at, ...seen].join(' ') };
    },
  };
}

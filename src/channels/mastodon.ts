import { setTimeout as wait } from 'node:timers/promises';
import type { Abilities, Draft, Inbound, Key, Limits, PictureLimits } from '../domain/channel.ts';
import { askJson, rootOf } from './ask-json.ts';
import { askOnce } from './ask-once.ts';
import { failureOfAnswer, itSaid, listOf, recordOf, textOf, tooMany, unreadable } from './classify.ts';
import { type Channel, ChannelError, type ChannelKind, type ChannelTools } from './contract.ts';
import { earliest } from './look-back.ts';
import {
  limitsOf,
  mentionOf,
  postOf,
  readStatus,
  readStatuses,
  type Status,
  seenOf,
  softwareOf,
} from './mastodon-status.ts';
import { filenameOf, formOf, openUploads, picturesOf } from './media.ts';
import { pickOurs } from './same-words.ts';
import { mastodonSignIn } from './sign-in/mastodon.ts';
import { someWords } from './words-only.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NETWORK = 'Mastodon';
/** How often, and after how long each, a picture that is being prepared is looked at. */
const LOOKS = 5;
const LOOK_MS = 500;
const PAGE = 40;
const PAGES = 8;

/** What every version takes: https://docs.joinmastodon.org/user/posting/#media */
const PICTURES: PictureLimits = { most: 4, bytes: 8_000_000, alt: 1_500, answers: true, edit: 'sent' };

/** What a server without other settings has; `verify` reads the server's own. */
const limits: Limits = { unit: 'graphemes', max: 500, urlLength: 23, pictures: PICTURES };

const can: Abilities = {
  replies: true,
  edit: 'in_place',
  remove: true,
  // https://docs.joinmastodon.org/methods/statuses/#headers: "Duplicate requests within one hour"
  idempotent: 'window',
  idempotentMs: HOUR,
  find: true,
  read: true,
  inbound: 'poll',
  altText: true,
  lagMs: 5_000,
  whenUnverifiable: 'hold',
  everyUpdate: false,
};

/** Mastodon, and the servers that speak its API (GoToSocial, Pleroma, Pixelfed …), which keep fewer of its promises. */
export const mastodon: ChannelKind = {
  kind: 'mastodon',
  name: 'Mastodon',
  lifecycle: 'active',
  limits,
  can,
  template: 'post',
  cost: 'free',
  defaultRole: 'brand',
  checkedOn: '2026-11-21',
  promise:
    'A Mastodon server recognises a repeated post for an hour, and other software not at all; we rely on neither. If the connection breaks while we send, we look through your own posts for the link before anything is sent again. A post counts as delivered when we have read it back.',
  fields: [
    {
      name: 'instance',
      label: 'Server',
      help: 'The address of the server that your account is on.',
      secret: false,
      required: true,
      placeholder: 'https://mastodon.social',
    },
    {
      name: 'accessToken',
      label: 'Access token',
      help: 'On your server: Preferences, Development, your application, “Your access token”.',
      secret: true,
      required: true,
    },
  ],
  steps: [
    'Sign in to your server as the account that will post.',
    'Open Preferences, Development, New application.',
    'Tick read:accounts, read:statuses, read:notifications, write:statuses and write:media, and nothing else.',
    'Open the new application and copy its access token.',
  ],
  signIn: mastodonSignIn,
  open: (values, tools) => openMastodon(values, tools),
};

function openMastodon(values: Record<string, string>, tools: ChannelTools): Channel {
  const base = rootOf(values['instance'], '');
  const token = values['accessToken'] ?? '';

  async function ask(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    signal: AbortSignal,
    more: { body?: unknown; key?: Key; form?: { type: string; body: Uint8Array } } = {},
  ): Promise<unknown> {
    // An upload that no post shows is nothing that anybody could see twice.
    const safe = method === 'GET' || more.form !== undefined;
    const answer = await askJson(tools, {
      method,
      url: `${base}${path}`,
      signal,
      safe,
      headers: {
        authorization: `Bearer ${token}`,
        ...(more.key === undefined ? {} : { 'idempotency-key': more.key.id }),
      },
      body: more.body,
      form: more.form,
    });
    const about = { network: NETWORK, now: tools.now(), safe };
    if (answer.status < 200 || answer.status > 299) {
      const said = textOf(recordOf(answer.json)['error']);
      if (answer.status === 403 && aboutUs(said ?? ''))
        throw new ChannelError(
          'auth',
          `${NETWORK} does not let this account or token do that.${itSaid(said)} Make a new token with the permissions listed.`,
          { status: 403, code: 'forbidden' },
        );
      // A page that is not there is a proxy's or another server's word; only the instance says it as JSON with an error.
      const isGone = said !== undefined && (answer.status === 404 || answer.status === 410);
      throw failureOfAnswer(answer, { ...about, said, ...(isGone ? { code: GONE } : {}) });
    }
    if (answer.json === undefined) throw unreadable(NETWORK, answer.status, safe);
    return answer.json;
  }

  const whoAmI = askOnce(async (signal) => {
    const account = recordOf(await ask('GET', '/api/v1/accounts/verify_credentials', signal));
    const id = textOf(account['id']);
    if (id === undefined) throw unreadable(NETWORK, 200, true);
    return { id, acct: textOf(account['username']) ?? id, url: textOf(account['url']) ?? null };
  });

  /** The server's own settings; servers from before 2022 have only the first version. */
  const aboutServer = async (signal: AbortSignal) => {
    try {
      return recordOf(await ask('GET', '/api/v2/instance', signal));
    } catch (error) {
      if (!(error instanceof ChannelError && error.status === 404)) throw error;
      return recordOf(await ask('GET', '/api/v1/instance', signal));
    }
  };

  /** False only where the server lists what the token may do (Mastodon since 4.3) and this is not in it. */
  const tokenMay = async (scope: string, signal: AbortSignal): Promise<boolean> => {
    try {
      const app = recordOf(await ask('GET', '/api/v1/apps/verify_credentials', signal));
      const scopes = listOf(app['scopes']).flatMap((one) => textOf(one) ?? []);
      return scopes.length === 0 || scopes.some((one) => one === scope || one === scope.split(':')[0]);
    } catch (error) {
      if (error instanceof ChannelError) return true;
      throw error;
    }
  };

  const upload = openUploads(async (picture, signal) => {
    const file = { name: 'file', filename: filenameOf(picture, 0), mime: picture.mime, bytes: picture.bytes };
    const form = formOf({ description: picture.alt }, [file]);
    const made = recordOf(await ask('POST', '/api/v2/media', signal, { form }));
    const id = textOf(made['id']);
    if (id === undefined) throw unreadable(NETWORK, 200, true);
    // Without an address it is still being prepared, and no post can show it.
    if (made['url'] === null) await untilReady(id, signal);
    return id;
  });
  async function untilReady(id: string, signal: AbortSignal): Promise<void> {
    for (let i = 0; i < LOOKS; i++) {
      await wait(LOOK_MS, undefined, { signal }).catch(() => undefined);
      const seen = recordOf(await ask('GET', `/api/v1/media/${part(id)}`, signal));
      if (seen['url'] !== null) return;
    }
    throw new ChannelError(
      'unsent',
      `${NETWORK} is still preparing a picture. We post it when it is ready.`,
      {
        code: 'preparing',
        retryAfterMs: 5_000,
      },
    );
  }

  const wordsOf = (draft: Draft) => ({
    status: someWords(draft, NETWORK),
    ...(draft.language === undefined ? {} : { language: draft.language }),
  });

  return {
    async verify(signal) {
      whoAmI.forget();
      const account = await whoAmI(signal);
      const server = await aboutServer(signal);
      const software = softwareOf(server);
      const limitsHere = limitsOf(server, limits);
      const { pictures, ...words } = limitsHere;
      const mayUpload = await tokenMay('write:media', signal);
      const { idempotentMs, ...forgetful } = can;
      return {
        account: `@${account.acct}@${textOf(server['domain']) ?? textOf(server['uri']) ?? new URL(base).host}`,
        url: account.url,
        limits: mayUpload ? limitsHere : words,
        can: software === 'Mastodon' ? can : { ...forgetful, idempotent: 'none' },
        note: !mayUpload
          ? 'This token cannot post pictures: make one with write:media as well. Words go out all the same.'
          : software === 'Mastodon'
            ? `Mastodon ${textOf(server['version']) ?? ''}`.trim()
            : `${software}: it does not recognise a repeated post, so we look before we send again.`,
      };
    },
    async publish(draft, key, signal) {
      const words = wordsOf(draft);
      const media = await upload(picturesOf(draft, NETWORK, PICTURES), key, signal);
      const body = {
        ...words,
        ...(media.length === 0 ? {} : { media_ids: media }),
        visibility: 'public',
        ...(draft.inReplyTo === undefined ? {} : { in_reply_to_id: draft.inReplyTo.id }),
      };
      const made = readStatus(await ask('POST', '/api/v1/statuses', signal, { body, key }));
      if (made === undefined) throw unreadable(NETWORK, 200);
      return media.length === 0 ? postOf(made) : { ...postOf(made), raw: { media } };
    },
    async find(draft, key, signal) {
      const { id } = await whoAmI(signal);
      const after = earliest(key);
      const listed: Status[] = [];
      let before = '';
      let whole = false;
      for (let i = 0; i < PAGES && !whole; i++) {
        const page = readStatuses(
          await ask(
            'GET',
            `/api/v1/accounts/${part(id)}/statuses?limit=${PAGE}&exclude_reblogs=true${before}`,
            signal,
          ),
        );
        if (page === undefined) throw unreadable(NETWORK, 200, true);
        listed.push(...page.filter((status) => status.at >= after));
        const oldest = page.at(-1);
        // A pinned or back-dated post must not end the look, so the whole page has to be older.
        if (oldest === undefined || page.every((status) => status.at < after)) whole = true;
        else before = `&max_id=${part(oldest.id)}`;
      }
      const found = pickOurs(listed, draft);
      if (found !== undefined) return seenOf(found);
      if (whole) return null;
      throw tooMany(NETWORK);
    },
    async read(post, signal) {
      try {
        const status = readStatus(await ask('GET', `/api/v1/statuses/${part(post.id)}`, signal));
        if (status === undefined) throw unreadable(NETWORK, 200, true);
        return seenOf(status);
      } catch (error) {
        if (isGone(error)) return null;
        throw error;
      }
    },
    async edit(post, draft, key, signal) {
      const media =
        draft.media === undefined
          ? post.raw?.['media']
          : await upload(picturesOf(draft, NETWORK, PICTURES), key, signal);
      const edited = readStatus(
        await ask('PUT', `/api/v1/statuses/${part(post.id)}`, signal, {
          // What an edit does not name is taken off.
          body: {
            ...wordsOf(draft),
            ...(Array.isArray(media) ? { media_ids: media } : {}),
          },
        }),
      );
      if (edited === undefined) throw unreadable(NETWORK, 200);
      return { ...postOf(edited), ...(Array.isArray(media) ? { raw: { ...post.raw, media } } : {}) };
    },
    async remove(post, signal) {
      try {
        await ask('DELETE', `/api/v1/statuses/${part(post.id)}`, signal);
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    },
    async tryOut(signal) {
      const account = await whoAmI(signal);
      const body = { status: 'Tocsin is connected. Only you see this.', visibility: 'direct' };
      const made = readStatus(await ask('POST', '/api/v1/statuses', signal, { body }));
      if (made === undefined) throw unreadable(NETWORK, 200);
      await ask('DELETE', `/api/v1/statuses/${part(made.id)}`, signal);
      return `A post that only @${account.acct} could see.`;
    },
    async poll(cursor, signal) {
      const items: Inbound[] = [];
      let at = cursor;
      for (let i = 0; i < PAGES; i++) {
        const after = at === null ? '' : `&min_id=${part(at)}`;
        const page = listOf(
          await ask('GET', `/api/v1/notifications?types[]=mention&limit=${PAGE}${after}`, signal),
        ).map(recordOf);
        // Newest first within a page; with `min_id` each page is the next one after the cursor.
        items.push(...page.toReversed().flatMap((one) => mentionOf(one) ?? []));
        const newest = textOf(page[0]?.['id']);
        const first = at === null;
        at = newest ?? at;
        if (newest === undefined || first) break;
      }
      return { items, cursor: at };
    },
  };
}

/** One segment of a path: ids are the server's own words and must stay one segment. */
const part = encodeURIComponent;
/** What the instance itself says is not there. */
const GONE = 'gone';
const isGone = (error: unknown) => error instanceof ChannelError && error.code === GONE;
const aboutUs = (said: string) => /scope|disabled|suspended|pending|confirm|not permitted|login/i.test(said);

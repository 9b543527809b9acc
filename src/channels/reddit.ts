import type { Abilities, Draft, Inbound, Limits, RemotePost } from '../domain/channel.ts';
import { rootOf } from './ask-json.ts';
import { askOnce } from './ask-once.ts';
import { recordOf, textOf, tooMany, unreadable } from './classify.ts';
import { type Channel, ChannelError, type ChannelKind, type ChannelTools } from './contract.ts';
import { apiField } from './fields.ts';
import { earliest } from './look-back.ts';
import { openCursor } from './poll-cursor.ts';
import { NETWORK, openReddit } from './reddit-session.ts';
import { inboundOf, postOf, readListing, readThing, seenOf, type Thing, thingId } from './reddit-thing.ts';
import { pickOurs } from './same-words.ts';
import { redditSignIn } from './sign-in/reddit.ts';
import { wordsOnly } from './words-only.ts';

const PAGE = '100';
/** Reddit's listings end after 1,000. */
const PAGES = 10;

const limits: Limits = { unit: 'codepoints', max: 40_000, reply: 10_000, subject: 300 };

const can: Abilities = {
  replies: true,
  edit: 'in_place',
  remove: true,
  idempotent: 'none',
  find: true,
  read: true,
  inbound: 'poll',
  altText: false,
  lagMs: 15_000,
  whenUnverifiable: 'hold',
  everyUpdate: false,
};

/** Answers on Reddit, and posts in the company's own subreddit. */
export const reddit: ChannelKind = {
  kind: 'reddit',
  name: NETWORK,
  lifecycle: 'active',
  limits,
  can,
  template: 'long',
  cost: 'free',
  defaultRole: 'care',
  checkedOn: '2026-11-21',
  promise:
    'Reddit cannot recognise a repeated comment. If the connection breaks while we send, we look through the account’s own posts for the words before anything is sent again, and a comment counts as delivered when we have read it back.',
  fields: [
    {
      name: 'clientId',
      label: 'Client ID',
      help: 'reddit.com/prefs/apps, below the name of your app. Reddit has to approve the app first.',
      secret: false,
      required: true,
    },
    {
      name: 'clientSecret',
      label: 'Client secret',
      help: 'On the same page, “secret”.',
      secret: true,
      required: true,
    },
    {
      name: 'refreshToken',
      label: 'Refresh token',
      help: 'What Reddit gave when the account authorised the app with “duration=permanent”.',
      secret: true,
      required: true,
    },
    {
      name: 'username',
      label: 'User name',
      help: 'The account that speaks, without u/. It is part of how our program introduces itself.',
      secret: false,
      required: true,
      placeholder: 'NorthwindPay',
    },
    {
      name: 'subreddit',
      label: 'Subreddit',
      help: 'Your own, without r/, for posts that answer nobody. Leave empty to only answer.',
      secret: false,
      required: false,
      placeholder: 'northwindpay',
    },
    apiField('Reddit', 'https://oauth.reddit.com'),
  ],
  steps: [
    'Ask Reddit for approval under its Responsible Builder Policy; keys cannot be had without it since November 2025.',
    'Make an app of the kind “web app” with the account that will speak.',
    'Authorise it for that account with duration=permanent and the scopes identity, read, history, submit, edit and privatemessages.',
    'Speak only in your own subreddit and where you are addressed, and say who you are.',
  ],
  signIn: redditSignIn,
  open: (values, tools) => openRedditChannel(values, tools),
};

function openRedditChannel(values: Record<string, string>, tools: ChannelTools): Channel {
  const standIn = values['api']?.trim() ? rootOf(values['api'], '') : undefined;
  const web = standIn ?? 'https://www.reddit.com';
  const api = openReddit({ api: standIn ?? 'https://oauth.reddit.com', tokens: web }, values, tools);
  const subreddit = values['subreddit']?.trim().replace(/^\/?r\//i, '') ?? '';

  const whoAmI = askOnce(readMe);
  async function readMe(signal: AbortSignal): Promise<string> {
    const account = recordOf(await api.get('/api/v1/me', {}, signal));
    const name = textOf(account['name']);
    if (name === undefined) throw unreadable(NETWORK, 200, true);
    if (account['is_suspended'] === true)
      throw new ChannelError('auth', 'Reddit has suspended this account. Sign in there and appeal.', {
        code: 'suspended',
      });
    return name;
  }

  /**
   * A listing, newest first, until one is older than `since`, and whether it came so far. Reddit ends a listing after
   * ten full pages, whatever came before.
   */
  async function list(path: string, since: number, signal: AbortSignal) {
    const found: Thing[] = [];
    let after: string | undefined;
    for (let i = 0; i < PAGES; i++) {
      const query = { limit: PAGE, sort: 'new', ...(after === undefined ? {} : { after }) };
      const page = readListing(await api.get(path, query, signal));
      if (page === undefined) throw unreadable(NETWORK, 200, true);
      found.push(...page.things);
      after = page.after;
      if (page.things.every((thing) => thing.at < since)) return { things: found, whole: true };
      if (after === undefined) return { things: found, whole: i < PAGES - 1 };
    }
    return { things: found, whole: false };
  }

  const readMade = (data: Record<string, unknown>): RemotePost => {
    const made = [data['things']].flat().flatMap((one) => readThing(one) ?? [])[0];
    if (made === undefined) throw unreadable(NETWORK, 200);
    return postOf(made, web);
  };

  return {
    async verify(signal) {
      whoAmI.forget();
      const name = await whoAmI(signal);
      const note =
        subreddit === '' ? 'No subreddit: this connection only answers.' : `Posts go to r/${subreddit}.`;
      return { account: `u/${name}`, url: `${web}/user/${encodeURIComponent(name)}`, limits, can, note };
    },
    async publish(draft, _key, signal) {
      const text = wordsOnly(draft, NETWORK);
      if (draft.inReplyTo !== undefined)
        return readMade(await api.post('/api/comment', { thing_id: thingId(draft.inReplyTo), text }, signal));
      if (!/^[\w-]{2,24}$/.test(subreddit))
        throw new ChannelError(
          'rejected',
          'This connection has no subreddit, so it only answers. Enter your own subreddit in its settings.',
          { code: 'no_subreddit' },
        );
      const form = {
        sr: subreddit,
        kind: 'self',
        title: titleOf(draft),
        text,
        resubmit: 'true',
        sendreplies: 'true',
      };
      const data = await api.post('/api/submit', form, signal);
      const id = textOf(data['id']);
      const name = textOf(data['name']);
      if (id === undefined || name === undefined || !/^t3_\w{1,13}$/.test(name))
        throw unreadable(NETWORK, 200);
      return { id: name, url: `${web}/r/${subreddit}/comments/${encodeURIComponent(id)}/` };
    },
    async find(draft, key, signal) {
      const name = await whoAmI(signal);
      const since = earliest(key);
      const { things, whole } = await list(`/user/${encodeURIComponent(name)}/overview`, since, signal);
      const ours = things.filter((thing) => thing.at >= since && thing.isShown);
      const found = pickOurs(
        ours.map((thing) => ({ ...thing, links: [], answers: thing.parent })),
        draft,
      );
      if (found !== undefined) return seenOf(found, web);
      if (whole) return null;
      throw tooMany(NETWORK);
    },
    async read(post, signal) {
      const page = readListing(await api.get('/api/info', { id: thingId(post) }, signal));
      if (page === undefined) throw unreadable(NETWORK, 200, true);
      const thing = page.things[0];
      return thing === undefined || !thing.isShown ? null : seenOf(thing, web);
    },
    async edit(post, draft, _key, signal) {
      const text = wordsOnly(draft, NETWORK);
      return readMade(await api.post('/api/editusertext', { thing_id: thingId(post), text }, signal));
    },
    async remove(post, signal) {
      // Says yes whether or not there was anything to delete.
      await api.post('/api/del', { id: thingId(post) }, signal);
    },
    async poll(cursor, signal) {
      const look = openCursor(cursor, tools.now());
      const { things: heard } = await list('/message/inbox', look.since, signal);
      // Private messages stay where they are: answering them needs consent of its own.
      const items: Inbound[] = heard
        .filter((thing) => thing.id.startsWith('t1_'))
        .map((one) => inboundOf(one, web));
      return look.take(items.toReversed());
    },
  };
}

/** The subject, or where there is none the beginning of the words, on one line. */
function titleOf(draft: Draft): string {
  const points = [...(draft.subject ?? draft.text).replace(/[\s\p{Cc}]+/gu, ' ').trim()];
  return points.length <= 300 ? points.join('') : `${points.slice(0, 299).join('')}…`;
}

import { randomInt } from 'node:crypto';
import { listConnections } from '../db/queries/connections.ts';
import { getPage, type Page } from '../db/queries/pages.ts';
import type { Subscriber } from '../db/queries/subscribers.ts';
import type { Store } from '../db/store.ts';
import {
  addressPlace,
  bounceTag,
  contactPlace,
  letterPlace,
  linkToken,
  type Purpose,
  type SubscriberLocks,
} from './actions/subscribers/locks.ts';
import { type Channel, ChannelError, type ChannelTools } from './channels/contract.ts';
import { buildRule } from './channels/guard-rule.ts';
import { ofOne } from './channels/of-one.ts';
import { readRecipient } from './channels/read-recipient.ts';
import { findKind, openChannel } from './channels/registry.ts';
import { type ReturnedMail, readReturned } from './channels/returned-mail.ts';
import { newVapid } from './channels/vapid.ts';
import { readSubscription } from './channels/web-push-message.ts';
import type { Channels } from './connections.ts';
import type { Draft } from './domain/channel.ts';
import { accountFor, CHANNEL_OF, lineFor, NEEDS_ACCOUNT, type SubscriberKind } from './domain/subscriber.ts';
import type { Addressed, Outgoing, Recipients } from './outbox/subscribers/parts.ts';
import type { Secrets } from './secrets.ts';
import { renderFoot, renderLetter, renderTextLetter, withFoot } from './templates/letters.ts';

export interface Subscribers {
  locks: SubscriberLocks;
  recipients: Recipients;
  /** What somebody typed, in the one form that we keep. Throws `invalid` for `address`. */
  readRecipient(kind: SubscriberKind, typed: string): string;
  /** Reads a mail that came back; what it says is proven by whoever acts on it. */
  readReturned(bytes: Uint8Array): ReturnedMail;
  /** Whom a subscription reaches, as its owner may see it. */
  shownAddress(s: Subscriber): string;
  /** With what a program checks our signature. */
  secretOf(s: Pick<Subscriber, 'id'>): string;
  close(): Promise<void>;
}

/** How long what we know of a page and its accounts is believed, ms: a line asks for it with every message. */
const BELIEVED_MS = 1_000;
/** An account that is missing or paused is asked for again after this, ms. */
const AGAIN_MS = 60_000;

/** Joins subscribers, their sealed addresses, the networks and our own words. Addresses are open only in here. */
export function openSubscribers(parts: {
  store: Store;
  secrets: Secrets;
  channels: Pick<Channels, 'channelOf'>;
  openTools(): Omit<ChannelTools, 'saveSecrets' | 'hook'> & { close(): Promise<void> };
  /** Origins that may be called although they are inside. */
  allow: readonly string[];
  /** An exercise: nothing else may be called. */
  only?: boolean;
  now(): number;
}): Subscribers {
  const { store, secrets } = parts;
  const rule = buildRule({ allow: parts.allow, only: parts.only });
  const { close, ...tools } = parts.openTools();
  const ownTools = { ...tools, saveSecrets: async () => undefined } as ChannelTools;

  const locks: SubscriberLocks = {
    seal: secrets.seal,
    open: secrets.open,
    sign: secrets.sign,
    newCode: () => String(randomInt(1_000_000)).padStart(6, '0'),
    newTicket: () => Array.from({ length: 25 }, () => randomInt(36).toString(36)).join(''),
    line(kind, connectionId, page) {
      const facts = findKind(CHANNEL_OF[kind]);
      const vapid = kind === 'web_push' ? newVapid(page.url) : undefined;
      return {
        name: NAMES[kind],
        account: NAMES[kind],
        // The foot comes on top of what fits.
        limits: {
          ...facts.limits,
          max: facts.limits.unit === 'bytes' ? facts.limits.max - 1_500 : facts.limits.max,
        },
        // To one person who asked, a missing message is worse than a double one; and nobody reads their messages back.
        can: { ...facts.can, find: false, read: false, replies: false, whenUnverifiable: 'resend' },
        template: facts.template,
        settings: vapid ? { publicKey: vapid.publicKey, subject: vapid.subject } : {},
        sealed: secrets.seal(
          `connections|${connectionId}|sealed`,
          JSON.stringify(vapid ? { privateKey: vapid.privateKey } : {}),
        ),
      };
    },
  };

  const addressOf = (s: Subscriber): string => secrets.open(addressPlace(s.id), s.sealed);
  const secretOf = (s: Pick<Subscriber, 'id'>): string =>
    `whsec_${Buffer.from(secrets.sign('subscriber webhook', s.id), 'hex').toString('base64')}`;
  const linkFor = (page: Page, s: Subscriber, purpose: Purpose): string =>
    `${page.url}${s.language === page.languages[0] ? '' : `/${s.language}`}/subscription/${linkToken(secrets, purpose, s.id)}`;

  const believed = new Map<
    string,
    { at: number; known: Promise<{ page: Page; connections: Connections }> }
  >();
  type Connections = Awaited<ReturnType<typeof listConnections>>;
  function surroundings(pageId: string) {
    const found = believed.get(pageId);
    const now = performance.now();
    if (found && now - found.at < BELIEVED_MS) return found.known;
    const known = (async () => ({
      page: await getPage(store.read, pageId),
      connections: await listConnections(store.read, pageId),
    }))();
    believed.set(pageId, { at: now, known });
    return known;
  }

  /** The channel that reaches a subscriber, and as whom. */
  async function reach(s: Subscriber): Promise<{ channel: Channel; page: Page; recipient?: string }> {
    const { page, connections } = await surroundings(s.pageId);
    const address = addressOf(s);
    if (NEEDS_ACCOUNT.includes(s.kind)) {
      const account = accountFor(connections, s.kind);
      if (!account || account.pausedAt !== null)
        throw new ChannelError('limited', 'There is no account just now to write from.', {
          code: 'no_account',
          retryAfterMs: AGAIN_MS,
        });
      return { channel: parts.channels.channelOf(account), page, recipient: address };
    }
    const line = lineFor(connections, s.kind);
    if (s.kind === 'web_push' && line)
      return { channel: ofOne(parts.channels.channelOf(line)), page, recipient: address };
    const values = { url: address, secret: secretOf(s) };
    return { channel: ofOne(openChannel(CHANNEL_OF[s.kind], values, ownTools)), page };
  }

  async function address(out: Outgoing): Promise<Addressed> {
    const { subscriber: s, delivery, rendition, fanout, last } = out;
    const { channel, page, recipient } = await reach(s);
    const part = rendition.parts[s.kind === 'webhook' ? 0 : delivery.part];
    if (!part) throw new ChannelError('rejected', 'There are no words for this.', { code: 'no_words' });
    const stop = linkFor(page, s, 'stop');
    const draft: Draft = {
      text: part.text,
      language: rendition.language,
      incident: delivery.incidentId,
      ...(part.subject === undefined ? {} : { subject: part.subject }),
      ...(part.html === undefined ? {} : { html: part.html }),
      ...(part.link === undefined ? {} : { link: part.link }),
      ...(recipient === undefined ? {} : { recipient }),
    };
    if (s.kind === 'email') {
      const foot = renderFoot({
        language: s.language,
        pageName: page.name,
        manage: linkFor(page, s, 'manage'),
        stop,
        last,
      });
      Object.assign(draft, withFoot(part, foot), { unsubscribe: stop, returnTag: bounceTag(secrets, s.id) });
    }
    if (s.kind === 'webhook') {
      const call = fanout.calls?.[delivery.part];
      if (!call) throw new ChannelError('rejected', 'There is no call for this.', { code: 'no_call' });
      draft.body = JSON.stringify({
        meta: {
          unsubscribe: stop,
          documentation: `${page.url}/subscribe`,
          generated_at: new Date(fanout.createdAt).toISOString(),
        },
        ...call.body,
      });
    }
    return { channel, draft };
  }

  const addressLetter: Recipients['addressLetter'] = async (letter, s) => {
    if (s.sealed === '') return undefined;
    const inside =
      letter.sealed === '' ? {} : readInside(secrets.open(letterPlace(letter.id), letter.sealed));
    const { language } = s;
    if (letter.kind === 'quarantined' || letter.kind === 'contact') {
      if (s.contact === null || (letter.kind === 'quarantined') !== (s.contactAt !== null)) return undefined;
      const { page, connections } = await surroundings(s.pageId);
      const account = accountFor(connections, 'email');
      if (!account) return undefined;
      const asks = letter.kind === 'contact';
      const link = asks ? linkFor(page, s, 'contact') : `${page.url}/subscribe`;
      return {
        channel: parts.channels.channelOf(account),
        draft: {
          ...renderLetter({
            kind: letter.kind,
            language,
            pageName: page.name,
            link,
            // What nobody has confirmed may be a stranger's, who must not learn the whole of it.
            address: asks ? new URL(addressOf(s)).host : addressOf(s),
          }),
          language,
          recipient: secrets.open(contactPlace(s.id), s.contact),
        },
      };
    }
    const { channel, page, recipient } = await reach(s);
    const kind = letter.kind;
    const own = linkFor(page, s, kind === 'confirm' ? 'confirm' : 'manage');
    const link = inside.incidentId === undefined ? own : `${own}?incident=${inside.incidentId}`;
    if (s.kind === 'sms') {
      const text = renderTextLetter({ language, pageName: page.name, code: inside.code, link });
      return { channel, draft: { text, language, ...(recipient === undefined ? {} : { recipient }) } };
    }
    const words = renderLetter({ kind, language, pageName: page.name, link });
    const payload = {
      type: `subscription.${kind}`,
      page: { id: page.id, name: page.name, url: page.url },
      link,
    };
    return {
      channel,
      draft: {
        ...words,
        language,
        ...(recipient === undefined ? {} : { recipient }),
        ...(s.kind === 'webhook' ? { payload } : {}),
        ...(s.kind === 'email' ? { returnTag: bounceTag(secrets, s.id) } : {}),
        ...(s.kind === 'email' && kind !== 'confirm' ? { unsubscribe: linkFor(page, s, 'stop') } : {}),
      },
    };
  };

  return {
    locks,
    recipients: { address, addressLetter },
    readRecipient: (kind, typed) => readRecipient(kind, typed, rule, ownTools),
    readReturned: (bytes) => readReturned(bytes),
    shownAddress: (s) =>
      s.sealed === ''
        ? ''
        : s.kind === 'web_push'
          ? new URL(readSubscription(addressOf(s)).endpoint).host
          : addressOf(s),
    secretOf,
    close,
  };
}

const NAMES: Record<SubscriberKind, string> = {
  email: 'Email subscribers',
  sms: 'Text message subscribers',
  web_push: 'Browser subscribers',
  webhook: 'Webhook subscribers',
  slack: 'Slack subscribers',
  teams: 'Teams subscribers',
};

const readInside = (text: string): { code?: string; incidentId?: string } => JSON.parse(text);

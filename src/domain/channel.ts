/**
 * The words in which the rest of the house speaks with a network: limits, abilities, drafts,
 * receipts and the five ways a call can fail. The networks themselves are in `src/channels`.
 */

/** How a network counts. `src/templates/measure.ts` has one counting function for each. */
export const UNITS = [
  'weighted', // X: twitter-text v3, URLs cost 23
  'graphemes', // Bluesky, Mastodon: what a reader calls a character
  'codepoints', // Discord
  'utf16', // Telegram, LinkedIn, Facebook: JavaScript's own length
  'emoji_bytes', // Threads: an emoji counts as its UTF-8 bytes
  'bytes', // Google Chat, Teams: UTF-8
  'escaped_bytes', // Slack: UTF-8 after & < > were escaped
  'segments', // SMS: GSM-7 160/153, UCS-2 70/67
] as const;
export type Unit = (typeof UNITS)[number];

/** What fits in one post. Numbers come from `verify()` where the server decides them. */
export interface Limits {
  unit: Unit;
  /** In `unit`. */
  max: number;
  /** A second ceiling in UTF-8 bytes (Bluesky 3000). */
  bytes?: number;
  /** Every link counts as this many (Mastodon 23, GoToSocial 25). */
  urlLength?: number;
  /** Longest subject, in UTF-16 units, where the network has one (a forum topic, an email). */
  subject?: number;
  /** Shortest one that is taken, where there is such a thing (a topic of Discourse: 15). */
  subjectLeast?: number;
  /** Longest answer to a post, in `unit`, where it is shorter than a post (a comment on LinkedIn: 1250). */
  reply?: number;
  /** What it takes of pictures; absent: we give it words alone. */
  pictures?: PictureLimits;
}

/** What a network takes of pictures. */
export interface PictureLimits {
  /** How many go with one post. */
  most: number;
  /** Largest picture, bytes. */
  bytes: number;
  /** Longest description, in UTF-16 units. */
  alt: number;
  /** The kinds it takes; missing is all that we take ourselves. */
  types?: readonly string[];
  /** Whether an answer to a post shows pictures. */
  answers: boolean;
  /** What becomes of a post's pictures when it is changed: they stay as they were, or those that are sent take their place. */
  edit: 'kept' | 'sent';
}

/** Whether a repeat of the same key can make a second post. */
export type Idempotency = 'always' | 'window' | 'receiver' | 'none';

export interface Abilities {
  replies: boolean;
  edit: 'in_place' | 'new_id' | 'none';
  editWindowMs?: number;
  remove: boolean;
  removeWindowMs?: number;
  idempotent: Idempotency;
  /** How long the network remembers a key, when `idempotent` is `window`. */
  idempotentMs?: number;
  /** `find` can say whether an unknown post is there. */
  find: boolean;
  /** `read` can show us our own post, so that `delivered` means "seen". */
  read: boolean;
  inbound: 'poll' | 'push' | 'both' | 'none';
  altText: boolean;
  /** How long a new post may take to appear in what `find` reads. */
  lagMs: number;
  /** What to do when nobody can tell whether a post is there. Public networks hold, direct alerts resend. */
  whenUnverifiable: 'hold' | 'resend';
  /** The receiver wants every update, even one that a newer one has overtaken (programs, not people). */
  everyUpdate: boolean;
}

/** Why a call failed, put as what may be done next. */
export const FAILURES = [
  'rejected', // the network refused these words or this target: never retry, a person must change something
  'auth', // the network refused us: pause the connection, keep its queue, say so
  'limited', // refused for now, nothing was published: retry after `retryAfterMs`
  'unsent', // nothing was published: safe to retry
  'unknown', // it may have been published: find it before any retry, else a person decides
] as const;
export type Failure = (typeof FAILURES)[number];

/** A published thing, enough to link, answer, edit and remove it. `raw` is the channel's own (Bluesky: cid). */
export interface RemotePost {
  id: string;
  url: string | null;
  raw?: Record<string, unknown>;
}

/** What the network showed us when we read our post back. */
export interface Seen extends RemotePost {
  text: string;
}

export interface Media {
  bytes: Uint8Array;
  mime: string;
  alt: string;
}

/** Words ready to send, rendered and approved before; a channel adds nothing to them. */
export interface Draft {
  text: string;
  subject?: string;
  /** HTML alternative, for channels that have one (email). */
  html?: string;
  /** The unique address of this rendition on the page; it is in `text` unless the channel cards it. */
  link?: string;
  language?: string;
  media?: Media[];
  /** The post this one answers: the one before in the thread. */
  inReplyTo?: RemotePost;
  /** The first post of the thread, where the network wants it (Bluesky root, Slack thread_ts). */
  root?: RemotePost;
  /** One recipient, for channels that address people (email, SMS, web push, webhook subscribers). */
  recipient?: string;
  /** The incident these words are about, for networks that thread or replace by it (email, web push). */
  incident?: string;
  /** Where this recipient stops these messages with one click (RFC 8058). */
  unsubscribe?: string;
  /** Marks this recipient in the address that mail comes back to, where a channel has one (email). */
  returnTag?: string;
  /** The facts as data, for channels that carry a payload beside the words (webhook, web push). */
  payload?: Record<string, unknown>;
  /** The whole body of the request, where a receiver expects a form that is not ours (webhook). */
  body?: string;
}

/** One delivery has one key for ever; `at` (ms) makes the request byte-identical on every retry. */
export interface Key {
  id: string;
  at: number;
  /** For a look: `at` by the network's own clock, ms, where ours was ahead of it. */
  from?: number;
}

/** What only the network knows, read with our own credentials. */
export interface Verified {
  account: string;
  url: string | null;
  limits: Limits;
  can: Abilities;
  /** When the credential stops working, if the network says. */
  expiresAt?: number;
  /** Calls or credit left, in the network's words, for the readiness page. */
  note?: string;
}

/** Something a customer said to us or about us, copied whole when it came in. */
export interface Inbound {
  id: string;
  url: string | null;
  at: number;
  author: { id: string; handle: string; name?: string };
  text: string;
  inReplyTo?: string;
  post: RemotePost;
}

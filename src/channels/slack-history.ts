import type { Inbound } from '../domain/channel.ts';
import { listOf, recordOf, textOf, unreadable } from './classify.ts';
import type { Listed } from './same-words.ts';
import type { CallSlack } from './slack-api.ts';
import { wordsOf } from './slack-text.ts';

const LIMIT = 200;
const PAGES = 20;

/** A message as Slack lists it. */
export interface SlackMessage extends Listed {
  ts: string;
  /** As it came, with markup. */
  wire: string;
  user: string | undefined;
  subtype: string | undefined;
  /** The first message of its thread, when it is in one. */
  thread: string | undefined;
  latestReply: string | undefined;
  /** What our own posts carry so that they can be found. */
  delivery: string | undefined;
}

export function readMessage(value: unknown): SlackMessage | undefined {
  const message = recordOf(value);
  const ts = textOf(message['ts']);
  if (ts === undefined) return undefined;
  const wire = textOf(message['text']) ?? '';
  return {
    ts,
    wire,
    text: wordsOf(wire),
    links: [],
    user: textOf(message['user']),
    subtype: textOf(message['subtype']),
    thread: textOf(message['thread_ts']),
    latestReply: textOf(message['latest_reply']),
    delivery: textOf(recordOf(recordOf(message['metadata'])['event_payload'])['delivery_id']),
  };
}

/**
 * What a channel or a thread has, a page at a time (a channel newest first, a thread oldest first), and whether that
 * was all. `enough` ends the walk.
 */
export async function walk(
  call: CallSlack,
  method: 'conversations.history' | 'conversations.replies',
  params: Record<string, string>,
  about: { signal: AbortSignal; enough?: (page: readonly SlackMessage[]) => boolean },
): Promise<{ messages: SlackMessage[]; whole: boolean }> {
  const messages: SlackMessage[] = [];
  let cursor = '';
  for (let i = 0; i < PAGES; i++) {
    const answer = await call(
      method,
      { ...params, limit: String(LIMIT), ...(cursor === '' ? {} : { cursor }) },
      { signal: about.signal, safe: true },
    );
    if (!Array.isArray(answer['messages'])) throw unreadable('Slack', 200, true);
    const page = listOf(answer['messages']).flatMap((one) => readMessage(one) ?? []);
    messages.push(...page);
    cursor = textOf(recordOf(answer['response_metadata'])['next_cursor']) ?? '';
    if (cursor === '' || about.enough?.(page) === true) return { messages, whole: true };
  }
  return { messages, whole: false };
}

/** Timestamps are ids, "seconds.microseconds", all of one length: as text they sort by time. */
export const isAfter = (ts: string, other: string): boolean => ts > other;
export const tsAt = (ms: number): string => `${Math.floor(ms / 1000)}.000000`;

/** Where a message opens; in a thread the link says so. */
export const linkTo = (web: string, channel: string, ts: string, thread: string | undefined): string =>
  `${web}/archives/${channel}/p${ts.replace('.', '')}${
    thread === undefined || thread === ts ? '' : `?thread_ts=${thread}&cid=${channel}`
  }`;

export interface Speaker {
  handle: string;
  name: string | undefined;
}

/** A customer's message as the inbox wants it. */
export function inboundOf(
  message: Pick<SlackMessage, 'ts' | 'wire' | 'thread'> & { user: string },
  about: { channel: string; web: string | undefined; speaker: Speaker; names: ReadonlyMap<string, string> },
): Inbound {
  const { ts, thread, user } = message;
  const url = about.web === undefined ? null : linkTo(about.web, about.channel, ts, thread);
  return {
    id: ts,
    url,
    at: Math.round(Number(ts) * 1000),
    author: {
      id: user,
      handle: `@${about.speaker.handle}`,
      ...(about.speaker.name === undefined ? {} : { name: about.speaker.name }),
    },
    text: wordsOf(message.wire, about.names),
    ...(thread === undefined || thread === ts ? {} : { inReplyTo: thread }),
    post: { id: ts, url, raw: { channel: about.channel, thread: thread ?? ts } },
  };
}

import type { Inbound, RemotePost, Seen } from '../domain/channel.ts';
import { recordOf, textOf } from './classify.ts';
import { ChannelError } from './contract.ts';

/** A message as Twilio gives it. */
export interface Message {
  sid: string;
  body: string;
  from: string;
  direction: string;
  status: string;
  /** When Twilio made it, ms; to the second. */
  at: number;
}
/** It will not arrive. */
export const FAILED = new Set(['failed', 'undelivered', 'canceled']);
/** Twilio has it; the phone company does not yet. */
export const QUEUED = new Set(['accepted', 'scheduled', 'queued', 'sending']);

export function readMessage(value: unknown): Message | undefined {
  const message = recordOf(value);
  const sid = textOf(message['sid']);
  if (sid === undefined) return undefined;
  return {
    sid,
    body: textOf(message['body']) ?? '',
    from: textOf(message['from']) ?? '',
    direction: textOf(message['direction']) ?? '',
    status: textOf(message['status']) ?? '',
    at: Date.parse(textOf(message['date_created']) ?? '') || 0,
  };
}
export const seenOf = ({ sid, body }: Message): Seen => ({ id: sid, url: null, text: body });
export const inboundOf = (message: Message): Inbound => ({
  id: message.sid,
  url: null,
  at: message.at,
  author: { id: message.from, handle: message.from },
  text: message.body,
  post: { id: message.sid, url: null, raw: { from: message.from } },
});

export function sidOf(post: RemotePost): string {
  if (/^(SM|MM)[0-9a-f]{32}$/i.test(post.id)) return post.id;
  throw new ChannelError('rejected', 'This is not the id of a message at Twilio.', { code: 'bad_id' });
}

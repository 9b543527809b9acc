import type { Inbound, RemotePost } from '../domain/channel.ts';
import { listOf, recordOf, textOf } from './classify.ts';

/** A customer's message, as `inboundOf` keeps it for an answer. */
interface Answerable {
  id: string;
  /** Digits; undefined for a customer who shows only a user name. */
  from: string | undefined;
  user: string;
  /** When they wrote, ms. */
  at: number;
}

/** Who is answered; undefined for a post of our own, which opens no conversation. */
export function answerable(post: RemotePost | undefined): Answerable | undefined {
  const { from, user, at } = post?.raw ?? {};
  if (post === undefined || typeof at !== 'number') return undefined;
  if (typeof from !== 'string' && typeof user !== 'string') return undefined;
  return { id: post.id, from: textOf(from), user: textOf(user) ?? '', at };
}

/** A message of a webhook; undefined for what says nothing (reactions, system notices). */
export function inboundOf(
  message: Record<string, unknown>,
  contacts: readonly unknown[],
): Inbound | undefined {
  const id = textOf(message['id']);
  const from = textOf(message['from']);
  const contact = contacts
    .map(recordOf)
    .find((one) => (from === undefined ? one['user_id'] !== undefined : one['wa_id'] === from));
  const user = textOf(message['from_user_id']) ?? textOf(contact?.['user_id']);
  const seconds = Number(textOf(message['timestamp']) ?? Number.NaN);
  const text = wordsOf(message);
  const who = from ?? user;
  if (id === undefined || who === undefined || text === undefined || !Number.isFinite(seconds))
    return undefined;
  const profile = recordOf(contact?.['profile']);
  const name = textOf(profile['name']);
  const handle = from === undefined ? `@${textOf(profile['username']) ?? who}` : `+${from}`;
  const answered = textOf(recordOf(message['context'])['id']);
  const at = seconds * 1_000;
  return {
    id,
    url: null,
    at,
    author: { id: who, handle, ...(name === undefined || name === '' ? {} : { name }) },
    text,
    ...(answered === undefined ? {} : { inReplyTo: answered }),
    post: {
      id,
      url: null,
      raw: { at, ...(from === undefined ? {} : { from }), ...(user === undefined ? {} : { user }) },
    },
  };
}

/** The words of a message of any kind; a picture without words is named. */
function wordsOf(message: Record<string, unknown>): string | undefined {
  const type = textOf(message['type']) ?? '';
  const part = recordOf(message[type]);
  switch (type) {
    case 'text':
      return textOf(part['body']);
    case 'button':
      return textOf(part['text']);
    case 'interactive': {
      const chosen = recordOf(part[textOf(part['type']) ?? '']);
      return textOf(chosen['title']);
    }
    case 'image':
    case 'video':
    case 'document':
    case 'audio':
    case 'sticker':
      return textOf(part['caption']) ?? `[${type}]`;
    case 'location':
      return '[location]';
    case 'contacts':
      return `[${listOf(message['contacts']).length} contacts]`;
    default:
      return undefined;
  }
}

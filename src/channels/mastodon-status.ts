import type { Inbound, Limits, RemotePost, Seen } from '../domain/channel.ts';
import { listOf, recordOf, textOf } from './classify.ts';
import { linksOfHtml, textOfHtml } from './html-text.ts';
import type { Listed } from './same-words.ts';

/** A post as a server gives it. */
export interface Status extends Listed {
  id: string;
  url: string | null;
  at: number;
}

/** The name of the software, and `Mastodon` only when we are sure: everything else is not trusted with a repeat. */
export function softwareOf(server: Record<string, unknown>): string {
  const version = textOf(server['version']) ?? '';
  const source = (textOf(server['source_url']) ?? '').toLowerCase();
  // "2.7.2 (compatible; Akkoma 3.15.1)" is how others say which Mastodon they imitate.
  const imitates = /\(compatible; ([^)\s]+)/i.exec(version)?.[1];
  if (imitates !== undefined) return imitates;
  if (source.includes('gotosocial') || /^0\./.test(version)) return 'GoToSocial';
  const known = source === '' || /\/mastodon(\.git)?\/?$/.test(source);
  return known && /^[2-9]\.\d+\.\d+/.test(version) ? 'Mastodon' : 'This server’s software';
}

/** What the server allows; `usual` where it does not say. */
export function limitsOf(server: Record<string, unknown>, usual: Limits): Limits {
  const statuses = recordOf(recordOf(server['configuration'])['statuses']);
  const whole = (value: unknown) => (typeof value === 'number' && value > 0 ? Math.floor(value) : undefined);
  const max = whole(statuses['max_characters']) ?? whole(server['max_toot_chars']) ?? usual.max;
  // GoToSocial states a length for links and then counts every code point of them: only Mastodon shortens.
  const { pictures } = usual;
  if (softwareOf(server) !== 'Mastodon')
    return { unit: 'codepoints', max, ...(pictures === undefined ? {} : { pictures }) };
  const urlLength = whole(statuses['characters_reserved_per_url']) ?? usual.urlLength;
  return { ...usual, max, ...(urlLength === undefined ? {} : { urlLength }) };
}

export function readStatus(value: unknown): Status | undefined {
  const status = recordOf(value);
  const id = textOf(status['id']);
  if (id === undefined) return undefined;
  const content = textOf(status['content']) ?? '';
  return {
    id,
    url: textOf(status['url']) ?? textOf(status['uri']) ?? null,
    text: textOfHtml(content),
    links: linksOfHtml(content),
    at: Date.parse(textOf(status['created_at']) ?? '') || 0,
    answers: textOf(status['in_reply_to_id']),
  };
}
/** Posts in a list; undefined for what is no list of posts, from which nobody can tell that one is absent. */
export function readStatuses(json: unknown): Status[] | undefined {
  const read = listOf(json).flatMap((one) => readStatus(one) ?? []);
  return Array.isArray(json) && read.length === json.length ? read : undefined;
}
export const postOf = ({ id, url }: Status): RemotePost => ({ id, url });
export const seenOf = (status: Status): Seen => ({ ...postOf(status), text: status.text });

/** A `mention` notification as the inbox wants it; undefined when it has no post. */
export function mentionOf(notification: Record<string, unknown>): Inbound | undefined {
  const status = readStatus(notification['status']);
  const account = recordOf(notification['account']);
  const id = textOf(account['id']);
  if (status === undefined || id === undefined) return undefined;
  const name = textOf(account['display_name']);
  return {
    id: status.id,
    url: status.url,
    at: status.at,
    author: {
      id,
      handle: `@${textOf(account['acct']) ?? textOf(account['username']) ?? id}`,
      ...(name === undefined || name === '' ? {} : { name }),
    },
    text: status.text,
    ...(status.answers === undefined ? {} : { inReplyTo: status.answers }),
    post: postOf(status),
  };
}

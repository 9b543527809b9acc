import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Inbound } from '../domain/channel.ts';
import { jsonOf, recordOf, textOf } from './classify.ts';
import { ChannelError, type HookAnswer, type HookCall } from './contract.ts';

/** A comment's name, `urn:li:comment:(urn:li:activity:1,2)`, in its parts. */
export interface Comment {
  urn: string;
  /** What it hangs on, at the bottom: a post or the activity of one. */
  thread: string;
  id: string;
}

/** A comment from its URN, in either of LinkedIn's spellings; undefined for anything else. */
export function commentOf(urn: string): Comment | undefined {
  const found =
    /^urn:li:comment:\((?:urn:li:)?(activity|share|ugcPost|groupPost):(\d{1,25}),(\d{1,25})\)$/.exec(urn);
  if (found === null) return undefined;
  const [, kind, number, id = ''] = found;
  const thread = `urn:li:${kind}:${number}`;
  return { urn: `urn:li:comment:(${thread},${id})`, thread, id };
}

/** A post's URN as LinkedIn makes them; anything else would become part of a path. */
export function urnOf(id: string): string {
  if (/^urn:li:(share|ugcPost|activity):\d{1,25}$/.test(id)) return id;
  throw new ChannelError('rejected', 'This is not the URN of a post on LinkedIn.', { code: 'bad_id' });
}

export function linkTo(web: string, urn: string): string {
  const comment = commentOf(urn);
  return comment === undefined
    ? `${web}/feed/update/${urn}`
    : `${web}/feed/update/${comment.thread}?commentUrn=${encodeURIComponent(urn)}`;
}

/**
 * What a notification brings: a comment on a post of ours, or a post that names us. LinkedIn tells a member's number
 * and nothing else of them, and its terms forbid keeping more.
 */
export function readNotice(notice: Record<string, unknown>, us: string, web: string): Inbound | undefined {
  const made = recordOf(notice['decoratedGeneratedActivity']);
  const isComment = notice['action'] === 'COMMENT';
  const entry = recordOf(made[isComment ? 'comment' : 'share']);
  const urn = textOf(entry['entity']) ?? textOf(notice['generatedActivity']) ?? '';
  const id = isComment ? commentOf(urn)?.urn : /^urn:li:(share|ugcPost|activity):\d+$/.exec(urn)?.[0];
  const owner = textOf(entry['owner']) ?? '';
  const text = textOf(entry['text']) ?? textOf(recordOf(entry['message'])['text']);
  if (id === undefined || text === undefined || owner === us) return undefined;
  if (notice['action'] !== 'COMMENT' && notice['action'] !== 'SHARE_MENTION') return undefined;
  const source = textOf(recordOf(notice['decoratedSourcePost'])['entity']) ?? textOf(notice['sourcePost']);
  return {
    id,
    url: linkTo(web, id),
    at: Number(notice['lastModifiedAt']) || 0,
    author: { id: owner || 'unknown', handle: owner.replace(/^urn:li:/, '') || 'member' },
    text,
    ...(isComment && source !== undefined ? { inReplyTo: source } : {}),
    post: { id, url: linkTo(web, id) },
  };
}

/**
 * LinkedIn's question whether the address is ours, asked again every two hours: its code, signed with the client secret.
 * https://learn.microsoft.com/linkedin/shared/api-guide/webhook-validation
 */
export function greetLinkedIn(secret: string | undefined, call: HookCall): HookAnswer | undefined {
  if (call.method !== 'GET') return undefined;
  const challengeCode = call.query.get('challengeCode') ?? '';
  if (secret === undefined) throw refused('no_secret', 'enter the client secret before you let it call us');
  if (challengeCode === '' || challengeCode.length > 500) throw refused('no_code', 'it names no challenge');
  const challengeResponse = createHmac('sha256', secret).update(challengeCode).digest('hex');
  return {
    status: 200,
    type: 'application/json; charset=utf-8',
    body: JSON.stringify({ challengeCode, challengeResponse }),
  };
}

/**
 * A webhook from LinkedIn, after its signature was checked against the raw body with the client secret. Throws
 * `rejected` for anything else. https://learn.microsoft.com/linkedin/shared/api-guide/webhook-validation
 */
export function readSigned(
  secret: string | undefined,
  headers: Record<string, string>,
  body: Uint8Array,
): Record<string, unknown> {
  if (secret === undefined) throw refused('no_secret', 'enter the client secret before you let it call us');
  const given = Buffer.from((headers['x-li-signature'] ?? '').replace(/^hmacsha256=/i, ''), 'hex');
  // The documents sign the prefix too; some receivers have seen it left out.
  const holds = ['hmacsha256=', ''].some((prefix) => {
    const expected = createHmac('sha256', secret).update(prefix).update(body).digest();
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  if (!holds) throw refused('bad_signature', 'its signature does not hold');
  const json = jsonOf(body);
  if (json === undefined) throw refused('bad_body', 'it is not JSON');
  return recordOf(json);
}

const refused = (code: string, why: string) =>
  new ChannelError('rejected', `This call in the name of LinkedIn was not read: ${why}.`, { code });

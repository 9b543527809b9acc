import type { Draft, Inbound, Limits } from '../domain/channel.ts';
import { failureOfAnswer, listOf, recordOf, textOf } from './classify.ts';
import { ChannelError, type GuardedResponse } from './contract.ts';
import type { Listed } from './same-words.ts';
import { wordsOnly } from './words-only.ts';

export const NETWORK = 'Matrix';

/** An event may take 65,536 bytes (https://spec.matrix.org/v1.16/client-server-api/#size-limits); a correction says the words twice. */
export const limits: Limits = { unit: 'bytes', max: 30_000 };
const MAX_CONTENT = 63_000;

type Content = Record<string, unknown>;

/** Plain words that mention nobody: with an empty `m.mentions` a name in them notifies no one. */
function messageOf(draft: Draft): Content {
  const body = wordsOnly(draft, NETWORK);
  if (Buffer.byteLength(body) > limits.max)
    throw new ChannelError(
      'rejected',
      `The text is too long for Matrix: ${limits.max} bytes can be posted and corrected. Shorten it.`,
      { code: 'M_TOO_LARGE' },
    );
  return { msgtype: 'm.text', body, 'm.mentions': {} };
}

/** A post: in our own thread below its first post, or as an answer to what somebody said. */
export function contentOf(draft: Draft): Content {
  const { inReplyTo, root } = draft;
  const thread = root?.id ?? textOf(inReplyTo?.raw?.['thread']);
  const relation = {
    ...(thread === undefined
      ? {}
      : { rel_type: 'm.thread', event_id: idOf(thread), is_falling_back: root !== undefined }),
    ...(inReplyTo === undefined ? {} : { 'm.in_reply_to': { event_id: idOf(inReplyTo.id) } }),
  };
  const content = messageOf(draft);
  return small(Object.keys(relation).length === 0 ? content : { ...content, 'm.relates_to': relation });
}

/** A correction: the words for whom knows how to replace, and again for whom does not. */
export function replacementOf(id: string, draft: Draft): Content {
  const fresh = messageOf(draft);
  return small({
    ...fresh,
    body: `* ${fresh['body']}`,
    'm.new_content': fresh,
    'm.relates_to': { rel_type: 'm.replace', event_id: idOf(id) },
  });
}

function small(content: Content): Content {
  if (Buffer.byteLength(JSON.stringify(content)) > MAX_CONTENT)
    throw new ChannelError('rejected', 'The text is too long for Matrix. Shorten it.', {
      code: 'M_TOO_LARGE',
    });
  return content;
}

/** Throws `rejected` for what is not the id of an event. */
export function idOf(id: string): string {
  if (!/^\$[^\s\p{Cc}]{1,254}$/u.test(id))
    throw new ChannelError('rejected', 'This is not a message on Matrix, so nothing was asked for.', {
      code: 'bad_id',
    });
  return id;
}

/** A message event as a server gives it. */
export interface MatrixEvent extends Listed {
  id: string;
  sender: string;
  at: number;
  /** The first event of its thread, and the event it answers. */
  thread: string | undefined;
  answers: string | undefined;
  mentions: readonly string[];
  /** It only replaces another one. */
  isEdit: boolean;
  /** Ours, sent with this token: the key of the request. */
  transaction: string | undefined;
}

/** Undefined for what is not a message, or was redacted. The text is that of the newest correction the server knows. */
export function readEvent(value: unknown): MatrixEvent | undefined {
  const event = recordOf(value);
  const id = textOf(event['event_id']);
  const sender = textOf(event['sender']);
  const content = recordOf(event['content']);
  const unsigned = recordOf(event['unsigned']);
  const newest = recordOf(recordOf(recordOf(unsigned['m.relations'])['m.replace'])['content']);
  const text = textOf(recordOf(newest['m.new_content'])['body']) ?? textOf(content['body']);
  if (event['type'] !== 'm.room.message' || id === undefined || sender === undefined || text === undefined)
    return undefined;
  const relation = recordOf(content['m.relates_to']);
  const isThread = relation['rel_type'] === 'm.thread';
  const answers = textOf(recordOf(relation['m.in_reply_to'])['event_id']);
  const thread = isThread ? textOf(relation['event_id']) : undefined;
  return {
    id,
    sender,
    text,
    links: [],
    at: typeof event['origin_server_ts'] === 'number' ? event['origin_server_ts'] : 0,
    thread,
    // In a thread "falling back" names the message before, for clients that know no threads.
    answers: isThread && relation['is_falling_back'] === true ? thread : answers,
    mentions: listOf(recordOf(content['m.mentions'])['user_ids']).flatMap((one) => textOf(one) ?? []),
    isEdit: relation['rel_type'] === 'm.replace',
    transaction: textOf(unsigned['transaction_id']),
  };
}

/** Whether a message names us: as its author's client says, or in words. */
export function namesUs(event: MatrixEvent, us: string): boolean {
  const local = us.slice(1).split(':')[0]?.toLowerCase() ?? '';
  const words = event.text.toLowerCase().match(/@[\w.=/+-]+/g) ?? [];
  return event.mentions.includes(us) || words.some((word) => word.replace(/[.-]+$/, '') === `@${local}`);
}

export const inboundOf = (event: MatrixEvent, name: string | undefined, url: string): Inbound => ({
  id: event.id,
  url,
  at: event.at,
  author: { id: event.sender, handle: event.sender, ...(name === undefined ? {} : { name }) },
  text: event.text,
  ...(event.answers === undefined ? {} : { inReplyTo: event.answers }),
  post: { id: event.id, url, ...(event.thread === undefined ? {} : { raw: { thread: event.thread } }) },
});

/** A server's answer as a failure, by its error code (https://spec.matrix.org/v1.16/client-server-api/#standard-error-response). */
export function failureOf(answer: GuardedResponse, now: number, safe: boolean): ChannelError {
  const { status } = answer;
  const body = recordOf(answer.json);
  const code = textOf(body['errcode']);
  const said = textOf(body['error']);
  if (status === 403 || code === 'M_UNKNOWN_TOKEN' || code === 'M_USER_DEACTIVATED')
    return new ChannelError(
      'auth',
      `The Matrix server does not let this account do that (${status} ${code ?? 'refused'}). ${
        status === 403
          ? 'Invite the account to the room, let it join, and let it send messages.'
          : 'Log in again and enter the new access token.'
      }`,
      { status, code },
    );
  return failureOfAnswer(answer, { network: NETWORK, now, safe, said, code });
}

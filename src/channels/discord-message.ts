import type { Draft, Inbound, Limits, PictureLimits, Seen } from '../domain/channel.ts';
import { askJson, type JsonRequest } from './ask-json.ts';
import { failureOfAnswer, itSaid, listOf, recordOf, textOf, unreadable } from './classify.ts';
import { ChannelError, type ChannelTools, type GuardedResponse } from './contract.ts';
import { filenameOf, formOf, picturesOf } from './media.ts';
import type { Listed } from './same-words.ts';
import { wordsOnly } from './words-only.ts';

export const NETWORK = 'Discord';
/** https://docs.discord.com/developers/reference#uploading-files: 10 MiB, and 1,024 characters of description. */
const PICTURES: PictureLimits = { most: 10, bytes: 10_000_000, alt: 1_024, answers: true, edit: 'sent' };
/** "the message contents (up to 2000 characters)": https://discord.com/developers/docs/resources/message */
export const limits: Limits = { unit: 'codepoints', max: 2000, pictures: PICTURES };

/** Discord turns away callers whose name is not of this form. */
const USER_AGENT = 'DiscordBot (Tocsin, 0.1)';
/** The first millisecond of 2015: https://discord.com/developers/docs/reference#snowflakes */
const EPOCH = 1_420_070_400_000;
const SUPPRESS_EMBEDS = 4;

/** The smallest id that a message of that moment can have. */
export const snowflakeAt = (ms: number): string => (BigInt(Math.max(0, ms - EPOCH)) << 22n).toString();

/** Throws `rejected` for what is not an id of Discord's. */
export function idOf(id: string): string {
  if (!/^\d{15,21}$/.test(id))
    throw new ChannelError('rejected', 'This is not a message on Discord, so nothing was asked for.', {
      code: 'bad_id',
    });
  return id;
}

/** What is sent: nobody is notified, whatever the words say, and no preview is added to them. */
export const contentOf = (draft: Draft, words: typeof wordsOnly = wordsOnly): Record<string, unknown> => ({
  content: words(draft, NETWORK),
  allowed_mentions: { parse: [], replied_user: false },
  flags: SUPPRESS_EMBEDS,
});

/** A message with its pictures in one request: Discord takes them together or not at all. */
export function withPictures(
  draft: Draft,
  body: Record<string, unknown>,
): { type: string; body: Uint8Array } | undefined {
  const pictures = picturesOf(draft, NETWORK, PICTURES);
  if (pictures.length === 0) return undefined;
  const attachments = pictures.map((one, id) => ({
    id,
    filename: filenameOf(one, id),
    description: one.alt,
  }));
  return formOf(
    { payload_json: JSON.stringify({ ...body, attachments }) },
    pictures.map((one, i) => ({
      name: `files[${i}]`,
      filename: filenameOf(one, i),
      mime: one.mime,
      bytes: one.bytes,
    })),
  );
}

export interface Message extends Listed {
  id: string;
  channel: string;
  at: number;
  author: { id: string; handle: string; name: string | undefined };
  /** Ids of the people it notifies. */
  mentions: readonly string[];
  /** The post it answers, and whose that was. */
  parent: { id: string; author: string | undefined } | undefined;
}

export function readMessage(value: unknown): Message | undefined {
  const message = recordOf(value);
  const id = textOf(message['id']);
  const channel = textOf(message['channel_id']);
  if (id === undefined || channel === undefined) return undefined;
  const author = recordOf(message['author']);
  const above = textOf(recordOf(message['message_reference'])['message_id']);
  const aboveBy = textOf(recordOf(recordOf(message['referenced_message'])['author'])['id']);
  return {
    id,
    channel,
    text: textOf(message['content']) ?? '',
    links: [],
    at: Date.parse(textOf(message['timestamp']) ?? '') || 0,
    author: {
      id: textOf(author['id']) ?? '',
      handle: textOf(author['username']) ?? '',
      name: textOf(author['global_name']),
    },
    mentions: listOf(message['mentions']).flatMap((one) => textOf(recordOf(one)['id']) ?? []),
    parent: above === undefined ? undefined : { id: above, author: aboveBy },
    answers: above,
  };
}

export const urlOf = (
  web: string,
  guild: string | undefined,
  message: { channel: string; id: string },
): string => `${web}/channels/${guild ?? '@me'}/${message.channel}/${message.id}`;

export const seenOf = (message: Message, url: string): Seen => ({ id: message.id, url, text: message.text });

/** A customer's message, with names where Discord writes numbers. */
export function inboundOf(value: unknown, url: (message: Message) => string): Inbound | undefined {
  const message = readMessage(value);
  if (message === undefined || message.text === '') return undefined;
  const names = new Map(
    listOf(recordOf(value)['mentions']).map((one) => [
      textOf(recordOf(one)['id']),
      textOf(recordOf(one)['username']),
    ]),
  );
  const { id, author, parent } = message;
  return {
    id,
    url: url(message),
    at: message.at,
    author: {
      id: author.id,
      handle: `@${author.handle}`,
      ...(author.name === undefined ? {} : { name: author.name }),
    },
    text: message.text.replace(/<@!?(\d+)>/g, (whole, who: string) => {
      const name = names.get(who);
      return name === undefined ? whole : `@${name}`;
    }),
    ...(parent === undefined ? {} : { inReplyTo: parent.id }),
    post: { id, url: url(message) },
  };
}

/** Asks Discord; the parsed answer. */
export async function ask(tools: ChannelTools, request: JsonRequest): Promise<unknown> {
  const answer = await askJson(tools, {
    ...request,
    headers: { 'user-agent': USER_AGENT, ...request.headers },
  });
  const safe = request.safe ?? request.method === 'GET';
  if (answer.status === 204) return undefined;
  if (answer.status !== 200) throw failureOf(answer, tools.now(), safe);
  if (answer.json === undefined) throw unreadable(NETWORK, 200, safe);
  return answer.json;
}

/** Codes that are about the connection: https://discord.com/developers/docs/topics/opcodes-and-status-codes#json */
const ABOUT_US: Record<number, string> = {
  10015: 'Somebody has deleted this webhook. Make a new one in the channel’s settings and connect it.',
  50027: 'The address is not complete or was renewed. Copy it again from the channel’s settings.',
  40001: 'Copy the bot’s token again.',
  50001: 'The bot cannot see the channel. Invite it, and give it “View Channel” and “Read Message History”.',
  50013: 'The bot may not do that here. Give it “Send Messages” and “Read Message History” in the channel.',
};

function failureOf(answer: GuardedResponse, now: number, safe: boolean): ChannelError {
  const body = recordOf(answer.json);
  const number = typeof body['code'] === 'number' ? body['code'] : 0;
  const code = number === 0 ? undefined : String(number);
  const said = firstError(body['errors']) ?? textOf(body['message']);
  const advice = ABOUT_US[number];
  if (advice !== undefined)
    return new ChannelError('auth', `Discord refused this (${answer.status}).${itSaid(said)} ${advice}`, {
      status: answer.status,
      code,
    });
  return failureOfAnswer(answer, { network: NETWORK, now, safe, said, code });
}

/** "Invalid Form Body" hides what is wrong some levels down: `{field: {_errors: [{message}]}}`. */
function firstError(errors: unknown): string | undefined {
  const record = recordOf(errors);
  const here = textOf(recordOf(listOf(record['_errors'])[0])['message']);
  if (here !== undefined) return here;
  for (const [field, inner] of Object.entries(record)) {
    const found = typeof inner === 'object' ? firstError(inner) : undefined;
    if (found !== undefined) return /^\w+: /.test(found) ? found : `${field}: ${found}`;
  }
  return undefined;
}

export const isGone = (error: unknown): boolean => error instanceof ChannelError && error.code === '10008';

/** How Discord writes messages and refusals, and what it takes: the same for bots and webhooks. */
import type { Account, Post } from '../facts.ts';
import { type Answer, type Call, json, objectField, textField } from '../network.ts';
import { fileIn, type Picture } from '../pictures.ts';
import { DIGITS, seededWord } from '../random.ts';
import type { World } from '../world.ts';

const EPOCH = 1_420_070_400_000n;
const MAX_POINTS = 2000;

/** Ids that sort by time: https://discord.com/developers/docs/reference#snowflakes */
export function snowflakes(): (at: number) => string {
  let last = 0n;
  return (at) => {
    const fresh = (BigInt(at) - EPOCH) << 22n;
    last = fresh > last ? fresh : last + 1n;
    return last.toString();
  };
}

/** The server and the channel that an account posts to. */
export const placeOf = (world: World, account: Account): { guild: string; channel: string } => ({
  guild: `90${seededWord(world.seed, `${account.network} ${account.handle} guild`, 16, DIGITS)}`,
  channel: `91${seededWord(world.seed, `${account.network} ${account.handle} channel`, 16, DIGITS)}`,
});

export function places(
  world: World,
  account: Account,
  base: string,
  id: string,
): Pick<Post, 'url' | 'paths'> {
  const { guild, channel } = placeOf(world, account);
  const path = `/channels/${guild}/${channel}/${id}`;
  return { url: `${base}${path}`, paths: [path] };
}

/** What a client wants to say, with whom it would notify, or Discord's complaint about it. */
export function readContent(call: Call): { text: string; pings: string[] } | Answer {
  const text = (textField(call.body, 'content') ?? '').trim();
  if (text === '') return json(400, { message: 'Cannot send an empty message', code: 50006 });
  if ([...text].length > MAX_POINTS) {
    return invalid('content', 'BASE_TYPE_MAX_LENGTH', `Must be ${MAX_POINTS} or fewer in length.`);
  }
  const allowed = objectField(call.body, 'allowed_mentions')['parse'];
  const kinds: [string, RegExp][] = [
    ['everyone', /@(everyone|here)/g],
    ['users', /<@!?\d+>/g],
    ['roles', /<@&\d+>/g],
  ];
  const pings = kinds
    .filter(([kind]) => !Array.isArray(allowed) || allowed.includes(kind))
    .flatMap(([, words]) => text.match(words) ?? []);
  return { text, pings };
}

/** A message and its pictures: as JSON, or as a form with the JSON in one field and a file for each attachment. */
export function unpacked(world: World, call: Call): { call: Call; media: Picture[] } {
  const packed = textField(call.body, 'payload_json');
  if (packed === undefined) return { call, media: [] };
  const body = JSON.parse(packed) as Record<string, unknown>;
  const named = (body['attachments'] ?? []) as { id: number; description?: string }[];
  const media = named.flatMap(({ id, description }) => {
    const file = fileIn(call.body, `files[${id}]`);
    return file === undefined ? [] : [world.keepPicture(description ?? '', file.mime ?? '', file.bytes)];
  });
  return { call: { ...call, body }, media };
}

export const invalid = (field: string, code: string, message: string): Answer =>
  json(400, {
    message: 'Invalid Form Body',
    code: 50035,
    errors: { [field]: { _errors: [{ code, message }] } },
  });

const userOf = (author: Post['author'], isBot: boolean): Record<string, unknown> => ({
  id: author.id,
  username: author.handle,
  discriminator: '0',
  global_name: isBot ? null : author.name,
  avatar: null,
  ...(isBot ? { bot: true } : {}),
});

/** A message as the API gives it to `account`, without the message content intent. */
export function messageOf(
  world: World,
  account: Account,
  post: Post,
  isDeep = true,
): Record<string, unknown> {
  const kind = account.network;
  const us = { id: account.id, handle: account.handle, name: account.name };
  const parent = post.parent === null ? undefined : world.post(kind, post.parent);
  const name = new RegExp(`@${account.handle}\\b`, 'gi');
  // An answer notifies whom it answers, unless that is switched off.
  const isToUs = post.byCustomer && (name.test(post.text) || parent?.author.id === us.id);
  const isShown = !post.byCustomer || isToUs;
  return {
    id: post.id,
    type: post.parent === null ? 0 : 19,
    channel_id: placeOf(world, account).channel,
    author: userOf(post.author, !post.byCustomer),
    content: isShown ? (post.byCustomer ? post.text.replace(name, `<@${us.id}>`) : post.text) : '',
    timestamp: new Date(post.at).toISOString().replace('Z', '000+00:00'),
    edited_timestamp:
      post.editedAt === null ? null : new Date(post.editedAt).toISOString().replace('Z', '000+00:00'),
    mentions: isToUs ? [userOf(us, true)] : [],
    mention_roles: [],
    mention_everyone: ((post.raw['pings'] ?? []) as string[]).includes('@everyone'),
    attachments: [],
    embeds: [],
    components: [],
    pinned: false,
    tts: false,
    flags: post.raw['flags'] ?? 0,
    ...(post.key === null ? {} : { nonce: post.key }),
    ...(post.parent === null
      ? {}
      : {
          message_reference: {
            type: 0,
            message_id: post.parent,
            channel_id: placeOf(world, account).channel,
          },
          ...(isDeep && parent !== undefined
            ? { referenced_message: messageOf(world, account, parent, false) }
            : {}),
        }),
  };
}

const WORDS: Record<number, [number, string]> = {
  400: [50035, 'Invalid Form Body'],
  403: [50013, 'Missing Permissions'],
  404: [10003, 'Unknown Channel'],
};

/** Discord's words for a status; wait in seconds, which it also gives as a fraction. */
export function refusal(code: number, retryAfter: number | undefined): Answer {
  if (code === 429) {
    const seconds = retryAfter ?? 1.337;
    return json(
      429,
      { message: 'You are being rate limited.', retry_after: seconds, global: false },
      {
        'retry-after': String(Math.ceil(seconds)),
        'x-ratelimit-reset-after': seconds.toFixed(3),
        'x-ratelimit-scope': 'user',
      },
    );
  }
  const [number, message] = WORDS[code] ?? [
    0,
    `${code}: ${code >= 500 ? 'Internal Server Error' : 'Refused'}`,
  ];
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  return json(code, { message, code: number }, headers);
}

export const unknownMessage = (): Answer => json(404, { message: 'Unknown Message', code: 10008 });

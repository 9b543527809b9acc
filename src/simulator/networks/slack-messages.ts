/** How Slack reads, keeps and writes messages: https://docs.slack.dev/messaging/formatting-message-text */
import type { Account, Post } from '../facts.ts';
import { type Call, textField } from '../network.ts';
import { ALPHANUMERIC, DIGITS, seededWord } from '../random.ts';
import type { World } from '../world.ts';

const UPPER = ALPHANUMERIC.slice(0, 26) + DIGITS;
/** Nothing documents it: https://github.com/slackapi/bolt-js/issues/2509 */
const MAX_BLOCKS = 13_200;
const TRUNCATED_AT = 40_000;

/** The team, channel and bot of an account; the account's own id is the bot's user. */
export function placeOf(world: World, account: Pick<Account, 'network' | 'handle'>) {
  const word = (name: string): string =>
    seededWord(world.seed, `${account.network} ${account.handle} ${name}`, 10, UPPER);
  return { team: `T${word('team')}`, channel: `C${word('channel')}`, bot: `B${word('bot')}` };
}

/** Timestamps are the ids: seconds and microseconds, never the same twice. */
export function timestamps(): (at: number) => string {
  let last = 0;
  return (at) => {
    last = Math.max(at * 1000, last + 1);
    return `${Math.floor(last / 1e6)}.${String(last % 1e6).padStart(6, '0')}`;
  };
}

const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

type Record_ = Record<string, unknown>;
const recordsIn = (value: unknown): Record_[] => (Array.isArray(value) ? (value as Record_[]) : []);

/** What a client wants to say and whom it would notify, or the name of Slack's complaint. */
export function readContent(
  call: Call,
  maxBytes: number,
): { text: string; wire: string; pings: string[] } | { error: string } {
  const wire = textField(call.body, 'text') ?? '';
  const blocks = recordsIn(call.body['blocks']);
  if (wire.trim() === '' && blocks.length === 0) return { error: 'no_text' };
  if (Buffer.byteLength(wire) > maxBytes) return { error: 'msg_too_long' };
  if (JSON.stringify(blocks).length > MAX_BLOCKS) return { error: 'msg_blocks_too_long' };
  const elements = blocks
    .flatMap((block) => recordsIn(block['elements']))
    .flatMap((section) => recordsIn(section['elements']));
  if (blocks.some((block) => block['type'] !== 'rich_text')) return { error: 'invalid_blocks' };
  const shown = elements.map((one) => String(one['text'] ?? one['url'] ?? '')).join('');
  return {
    // Where there are blocks, they are what people see.
    text: blocks.length > 0 ? shown : unescaped(wire.replace(/<([^<>|]*)(\|([^<>]*))?>/g, '$1')),
    wire: wire.slice(0, TRUNCATED_AT),
    pings: [
      ...(wire.match(/<(@[UW]|!channel|!here|!everyone|!subteam)[^>]*>/g) ?? []),
      ...elements
        .filter((one) => ['user', 'usergroup', 'broadcast'].includes(String(one['type'])))
        .map(String),
    ],
  };
}

/** Text as Slack gives it back: escaped, our bot's name as a mention, addresses in brackets, bare ones with a label. */
export function wireOf(post: Post, account: Account): string {
  const name = new RegExp(`@${account.handle}\\b`, 'gi');
  const wire = post.byCustomer
    ? escaped(post.text).replace(name, `<@${account.id}>`)
    : String(post.raw['wire']);
  return wire
    .replace(/(?<![<|])https?:\/\/[^\s<>|]*[\w/]/g, '<$&>')
    .replace(/(?<![\w<|/@.-])[a-z\d-]+\.(com|io|app)\b(?![\w.-])/gi, '<http://$&|$&>');
}

/** A message of a channel or thread. `all` adds the hidden mark that apps may put on theirs. */
export function messageOf(world: World, account: Account, post: Post, all: boolean): Record_ {
  const answers = threadOf(world, account, post.id).filter((one) => one.deletedAt === null);
  const thread = post.parent ?? (answers.length > 0 ? post.id : undefined);
  const common = {
    type: 'message',
    ts: post.id,
    ...(thread === undefined ? {} : { thread_ts: thread }),
    ...(answers.length === 0
      ? {}
      : { reply_count: answers.length, latest_reply: answers.at(-1)?.id, reply_users_count: 1 }),
  };
  if (post.deletedAt !== null) {
    return { ...common, subtype: 'tombstone', user: 'USLACKBOT', text: 'This message was deleted.' };
  }
  const { team, bot } = placeOf(world, account);
  return {
    ...common,
    user: post.byCustomer ? `U${post.author.id}` : account.id,
    ...(post.byCustomer ? {} : { bot_id: bot, app_id: 'A012ABCD0A0' }),
    team,
    text: wireOf(post, account),
    ...(post.editedAt === null
      ? {}
      : { edited: { user: account.id, ts: `${Math.floor(post.editedAt / 1000)}.000000` } }),
    ...(all && post.raw['metadata'] !== undefined ? { metadata: post.raw['metadata'] } : {}),
  };
}

/** The answers below a message, oldest first. */
export const threadOf = (world: World, account: Account, ts: string): Post[] =>
  world
    .posts(account.network)
    .filter((post) => post.account === account.id && post.parent === ts)
    .filter((post) => post.deletedAt !== null || world.shows(post))
    .sort((a, b) => (a.id < b.id ? -1 : 1));

/** What a page of a channel or thread asks for; both ends are left out unless `inclusive`. */
export function within(query: URLSearchParams): (post: Post) => boolean {
  const oldest = query.get('oldest') ?? '0';
  const latest = query.get('latest') ?? '9';
  const inclusive = ['true', '1'].includes(query.get('inclusive') ?? '');
  return ({ id }) => (id > oldest && id < latest) || (inclusive && (id === oldest || id === latest));
}

import type { Account, Post } from '../facts.ts';
import {
  type Answer,
  type Call,
  json,
  type NetworkKind,
  objectField,
  type Route,
  textField,
} from '../network.ts';
import { ALPHANUMERIC, DIGITS } from '../random.ts';
import { RateWindow } from '../rates.ts';
import type { World } from '../world.ts';
import { channelOf, groupOf, messageOf, updateOf } from './telegram-messages.ts';

const HOUR = 3_600_000;
const MAX_UNITS = 4096;

/**
 * Telegram's Bot API 10.1 (https://core.telegram.org/bots/api), with the descriptions of tdlib/telegram-bot-api. An
 * account is a channel with its bot and its discussion group. With the option `upgraded: true` the account is a group
 * that has become a supergroup: its old number answers only where it has gone. With `private: true` it has no name.
 */
export const telegram: NetworkKind = {
  kind: 'telegram',
  name: 'Telegram',
  handle: 'northwindpay',
  open(world) {
    let lastMessage = 100;
    let lastUpdate = 871_000_000;
    // "your bot will not be able to send more than 20 messages per minute to the same group"
    const perChat = new RateWindow(20, 60_000);
    /** Number of the copy of a channel's post in its discussion group. */
    const copies = new Map<string, number>();
    const confirmed = new Map<string, number>();

    const send = (call: Call, account: Account): Answer => {
      const chat = chatOf(world, account, call);
      if ('status' in chat) return chat;
      const wanted = readWords(call);
      if ('status' in wanted) return wanted;
      const reply = objectField(call.body, 'reply_parameters')['message_id'];
      const parent = reply === undefined ? null : parentIn(world, account, chat.id, Number(reply), copies);
      if (parent === undefined) return bad('message to be replied not found');
      const window = perChat.take(chat.id, call.now);
      if (window.refused && world.metered(account))
        return refusal(429, Math.ceil((window.resetAt - call.now) / 1000));
      lastMessage += 1;
      const post = world.keep({
        network: 'telegram',
        account: account.id,
        author: { id: account.id, handle: account.handle, name: account.name },
        id: `${chat.id}/${lastMessage}`,
        text: wanted.text,
        at: call.now,
        parent,
        raw: { chat: chat.id, message: lastMessage, entities: call.body['entities'] ?? [] },
        ...places(call.base, chat, lastMessage),
      });
      if (chat.id === account.id) {
        lastMessage += 1;
        copies.set(post.id, lastMessage);
      }
      return ok(messageOf(world, account, post, copies));
    };

    const edit = (call: Call, account: Account): Answer => {
      const chat = chatOf(world, account, call);
      if ('status' in chat) return chat;
      const post = world.post('telegram', `${chat.id}/${String(call.body['message_id'])}`);
      if (post === undefined || post.deletedAt !== null || post.byCustomer) {
        return bad('message to edit not found');
      }
      const wanted = readWords(call);
      if ('status' in wanted) return wanted;
      if (wanted.text === post.text) {
        return bad(
          'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
        );
      }
      world.edit(post, wanted.text);
      return ok(messageOf(world, account, post, copies));
    };

    const remove = (call: Call, account: Account): Answer => {
      const chat = chatOf(world, account, call);
      if ('status' in chat) return chat;
      const post = world.post('telegram', `${chat.id}/${String(call.body['message_id'])}`);
      if (post === undefined || post.deletedAt !== null) return bad('message to delete not found');
      if (call.now - post.at >= 48 * HOUR) return bad("message can't be deleted for everyone");
      world.remove(post);
      return ok(true);
    };

    const updates = (call: Call, account: Account): Answer => {
      const offset = Number(call.body['offset'] ?? 0);
      const limit = Math.min(100, Number(call.body['limit'] ?? 100));
      if (offset > (confirmed.get(account.id) ?? 0)) confirmed.set(account.id, offset);
      const from = confirmed.get(account.id) ?? 0;
      const waiting = world
        .posts('telegram')
        .filter((post) => post.byCustomer && post.account === account.id && world.shows(post))
        // "Incoming updates are stored on the server until the bot receives them, but not longer than 24 hours."
        .filter((post) => Number(post.raw['update']) >= from && call.now - post.at < 24 * HOUR);
      return ok(waiting.slice(0, limit).map((post) => updateOf(world, account, post, copies)));
    };

    const method = (name: string, does: Route['does'], run: Route['run']): Route => ({
      method: 'POST',
      path: `/bot:token/${name}`,
      does,
      run,
    });

    return {
      credentials(seed, base) {
        const id = `-100${seed.word('channel', 10, '123456789')}`;
        const settings = {
          chat: seed.options['upgraded'] === true ? id.replace('-100', '-') : `@${seed.handle}`,
          api: base,
        };
        if (seed.options['private'] === true) settings.chat = id;
        const bot = `7${seed.word('bot', 9, DIGITS)}`;
        return { id, settings, secrets: { botToken: `${bot}:AA${seed.word('token', 33, ALPHANUMERIC)}` } };
      },

      authenticate(call) {
        const token = call.params['token'] ?? '';
        const account = world.accountBySecret('telegram', 'botToken', token);
        return (
          account ??
          failed(401, /^\d+:/.test(token) ? 'Unauthorized' : 'Unauthorized: invalid token specified')
        );
      },
      refusal,
      expired: () => failed(401, 'Unauthorized'),

      hear(account, said, base) {
        lastMessage += 1;
        lastUpdate += 1;
        const group = groupOf(account);
        return world.keep({
          network: 'telegram',
          account: account.id,
          byCustomer: true,
          author: said.author,
          id: `${group.id}/${lastMessage}`,
          text: said.text,
          at: said.at,
          parent: said.inReplyTo,
          raw: { chat: group.id, message: lastMessage, update: lastUpdate },
          ...places(base, group, lastMessage),
        });
      },

      routes: [
        method('getMe', ['verify'], (_call, account) =>
          ok({
            id: Number((account.secrets['botToken'] ?? '').split(':')[0]),
            is_bot: true,
            first_name: `${account.name} status`,
            username: `${account.handle}_bot`,
            can_join_groups: true,
            can_read_all_group_messages: true,
            supports_inline_queries: false,
          }),
        ),
        method('getChat', ['verify'], (call, account) => {
          const chat = chatOf(world, account, call);
          if ('status' in chat) return chat;
          return ok({
            ...chat.shape,
            ...(chat.id === account.id && chat.shape['type'] === 'channel'
              ? { linked_chat_id: Number(groupOf(account).id) }
              : {}),
            accent_color_id: 0,
            max_reaction_count: 11,
          });
        }),
        method('getChatMember', ['verify'], (call, account) => {
          const chat = chatOf(world, account, call);
          if ('status' in chat) return chat;
          const user = { id: call.body['user_id'], is_bot: true, first_name: account.name };
          return account.options['member'] === 'left'
            ? ok({ status: 'left', user })
            : ok({ status: 'administrator', user, can_post_messages: true, can_delete_messages: false });
        }),
        method('sendMessage', ['publish'], send),
        method('editMessageText', ['edit'], edit),
        method('deleteMessage', ['remove'], remove),
        method('getUpdates', ['poll'], updates),
      ],
    };
  },
};

interface Chat {
  id: string;
  shape: Record<string, unknown>;
}

/** The chat that a call names, or Telegram's complaint about it. */
function chatOf(_world: World, account: Account, call: Call): Chat | Answer {
  const named = String(call.body['chat_id'] ?? '');
  if (account.options['upgraded'] === true && named === account.id.replace('-100', '-')) {
    return json(400, {
      ok: false,
      error_code: 400,
      description: 'Bad Request: group chat was upgraded to a supergroup chat',
      parameters: { migrate_to_chat_id: Number(account.id) },
    });
  }
  for (const chat of [channelOf(account), groupOf(account)]) {
    const name = chat.shape['username'];
    if (named === chat.id || (typeof name === 'string' && named === `@${name}`)) return chat;
  }
  return bad('chat not found');
}

/** The post that an answer in `chat` names: in the group also by the number of its copy there. */
function parentIn(
  world: World,
  account: Account,
  chat: string,
  message: number,
  copies: ReadonlyMap<string, number>,
): string | undefined {
  const copied = chat === account.id ? undefined : [...copies].find(([, number]) => number === message)?.[0];
  const post: Post | undefined = world.post('telegram', copied ?? `${chat}/${message}`);
  return post === undefined || post.deletedAt !== null ? undefined : post.id;
}

function readWords(call: Call): { text: string } | Answer {
  const text = textField(call.body, 'text') ?? '';
  if (text.trim() === '') return bad('message text is empty');
  if (text.length > MAX_UNITS) return bad('message is too long');
  if (call.body['parse_mode'] !== undefined && /[_*[\]()~`>#+\-=|{}.!]/.test(text)) {
    return bad("can't parse entities: Character is reserved and must be escaped with the preceding '\\'");
  }
  const entities = call.body['entities'];
  for (const entity of Array.isArray(entities) ? (entities as Record<string, unknown>[]) : []) {
    const end = Number(entity['offset']) + Number(entity['length']);
    if (!(end <= text.length)) return bad('entity end is out of range');
  }
  return { text };
}

function places(base: string, chat: Chat, message: number): Pick<Post, 'url' | 'paths'> {
  const name = chat.shape['username'];
  const path = `/${typeof name === 'string' ? name : `c/${chat.id.replace(/^-100/, '')}`}/${message}`;
  return { url: `${base}${path}`, paths: [path] };
}

const ok = (result: unknown): Answer => json(200, { ok: true, result });
const failed = (code: number, description: string): Answer =>
  json(code, { ok: false, error_code: code, description });
const bad = (words: string): Answer => failed(400, `Bad Request: ${words}`);

const WORDS: Record<number, string> = {
  400: 'Bad Request: chat not found',
  401: 'Unauthorized',
  403: 'Forbidden: bot is not a member of the channel chat',
  404: 'Not Found',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
};

function refusal(code: number, retryAfter: number | undefined): Answer {
  if (code === 429) {
    const seconds = retryAfter ?? 35;
    return json(429, {
      ok: false,
      error_code: 429,
      description: `Too Many Requests: retry after ${seconds}`,
      parameters: { retry_after: seconds },
    });
  }
  const answer = failed(code, WORDS[code] ?? `Error ${code}`);
  if (retryAfter !== undefined) answer.headers = { 'retry-after': String(retryAfter) };
  return answer;
}

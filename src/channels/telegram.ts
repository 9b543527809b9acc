import { createHash, timingSafeEqual } from 'node:crypto';
import type { Abilities, Draft, Limits, RemotePost } from '../domain/channel.ts';
import { askJson, rootOf, webOf } from './ask-json.ts';
import { askOnce } from './ask-once.ts';
import { jsonOf, listOf, recordOf, textOf, unreadable } from './classify.ts';
import { type Channel, ChannelError, type ChannelKind, type ChannelTools } from './contract.ts';
import { failureOf, movedTo } from './telegram-failure.ts';
import { inboundOf, type Listening, placeOf, postOf } from './telegram-message.ts';
import { wordsOnly } from './words-only.ts';

const NETWORK = 'Telegram';
const HOUR = 3_600_000;
/** How long Telegram may take to say who we are, ms. */
const ASKED_MS = 20_000;

/** "1-4096 characters after entities parsing", in UTF-16 units: https://core.telegram.org/bots/api#sendmessage */
const limits: Limits = { unit: 'utf16', max: 4096 };

const can: Abilities = {
  replies: true,
  edit: 'in_place',
  remove: true,
  // "A message can only be deleted if it was sent less than 48 hours ago."
  removeWindowMs: 48 * HOUR,
  idempotent: 'none',
  // Bots cannot read what is in a channel: https://github.com/tdlib/telegram-bot-api/issues/482
  find: false,
  read: false,
  inbound: 'both',
  altText: false,
  lagMs: 0,
  whenUnverifiable: 'hold',
  everyUpdate: false,
};

/** A Telegram channel or group, through a bot. */
export const telegram: ChannelKind = {
  kind: 'telegram',
  name: NETWORK,
  lifecycle: 'active',
  limits,
  can,
  template: 'long',
  cost: 'free',
  defaultRole: 'brand',
  checkedOn: '2026-11-21',
  promise:
    'Telegram cannot recognise a repeated post, and a bot cannot look at what it has posted. If the connection breaks while we send, the post is held and a person decides, so nothing is ever posted twice.',
  fields: [
    {
      name: 'chat',
      label: 'Channel',
      help: 'The public name with @, or the number that begins with -100 for a private one.',
      secret: false,
      required: true,
      placeholder: '@northwindpay',
    },
    {
      name: 'botToken',
      label: 'Bot token',
      help: 'What @BotFather gave you when you made the bot.',
      secret: true,
      required: true,
      placeholder: '1234567890:AbC…',
    },
    {
      name: 'api',
      label: 'API address',
      help: 'Leave empty for Telegram itself. Only for a Bot API server of your own, or a stand-in during drills.',
      secret: false,
      required: false,
      placeholder: 'https://api.telegram.org',
    },
  ],
  steps: [
    'Write to @BotFather on Telegram, send /newbot, and copy the token.',
    'Open the channel, Administrators, add the bot, and allow it “Post messages” and nothing else.',
    'To read comments: link a discussion group to the channel, add the bot to it, and send /setprivacy Disable to @BotFather.',
  ],
  hook: {
    steps: [
      'Only if nobody else reads the bot’s messages. Open https://api.telegram.org/bot<token>/setWebhook?url=<address>&secret_token=<verify token>&allowed_updates=["message"] once, with the bot’s token and what is shown below.',
      'From then on Telegram calls us and lets nobody ask; to go back, open …/deleteWebhook.',
    ],
    wantsToken: true,
  },
  open: (values, tools) => openTelegram(values, tools),
};

function openTelegram(values: Record<string, string>, tools: ChannelTools): Channel {
  const api = rootOf(values['api'], 'https://api.telegram.org');
  const web = webOf(api, 'https://t.me');
  const token = (values['botToken'] ?? '').trim();
  // A group that became a supergroup has another number; we keep the one it told us.
  let chat = values['movedTo'] ?? (values['chat'] ?? '').trim();

  async function call(
    method: string,
    params: Record<string, unknown>,
    signal: AbortSignal,
    safe = false,
  ): Promise<unknown> {
    const url = `${api}/bot${encodeURIComponent(token).replace(/%3A/gi, ':')}/${method}`;
    const answer = await askJson(tools, { method: 'POST', url, body: params, signal, safe });
    const body = recordOf(answer.json);
    if (answer.status === 200 && body['ok'] === true) return body['result'];
    throw failureOf(answer, tools.now(), safe);
  }

  /** To a chat, and once more to where it has moved: a refusal for moving has published nothing. */
  async function post(draft: Draft, to: string, signal: AbortSignal): Promise<unknown> {
    const words = wordsOf(draft);
    try {
      return await call('sendMessage', { chat_id: to, ...words, ...replyOf(draft) }, signal);
    } catch (error) {
      const moved = movedTo(error);
      if (moved === undefined) throw error;
      if (to === chat) {
        await tools.saveSecrets({ movedTo: moved });
        chat = moved;
        whoAmI.forget();
      }
      // Messages have other numbers in the new place, so there is nothing to answer there.
      return call('sendMessage', { chat_id: moved, ...words }, signal);
    }
  }

  const read = async (result: unknown): Promise<RemotePost> => {
    const made = postOf(result, web);
    if (made === undefined) throw unreadable(NETWORK, 200);
    return made;
  };

  const whoAmI = askOnce(aboutUs);
  let listening: Listening | undefined;
  async function aboutUs(signal: AbortSignal) {
    const me = recordOf(await call('getMe', {}, signal, true));
    const place = recordOf(await call('getChat', { chat_id: chat }, signal, true));
    const names = [me['username'], place['username']].flatMap((one) => textOf(one)?.toLowerCase() ?? []);
    const own = place['type'] === 'channel' ? place['linked_chat_id'] : place['id'];
    const groups = typeof own === 'number' ? [String(own)] : [];
    listening = { names, bot: String(me['id']), groups };
    return {
      me,
      chat: place,
      names,
      bot: String(me['id']),
      groups,
    };
  }

  return {
    async verify(signal) {
      whoAmI.forget();
      const { me, chat: place, groups } = await whoAmI(signal);
      const member = recordOf(
        await call('getChatMember', { chat_id: chat, user_id: me['id'] }, signal, true),
      );
      const isChannel = place['type'] === 'channel';
      if (isChannel && (member['status'] !== 'administrator' || member['can_post_messages'] !== true))
        throw new ChannelError(
          'auth',
          'The bot is not an administrator who may post. In the channel open Administrators, add the bot, and allow “Post messages”.',
          { code: 'not_admin' },
        );
      const name = textOf(place['username']);
      const note =
        groups.length === 0
          ? 'The channel has no discussion group, so nobody can comment and there is nothing to read.'
          : me['can_read_all_group_messages'] === true
            ? undefined
            : 'The bot sees only answers to itself: send /setprivacy Disable to @BotFather to read all comments.';
      return {
        account: name === undefined ? (textOf(place['title']) ?? String(place['id'])) : `@${name}`,
        url: name === undefined ? null : `${web}/${name}`,
        limits,
        can,
        ...(note === undefined ? {} : { note }),
      };
    },
    async publish(draft, _key, signal) {
      wordsOnly(draft, NETWORK);
      const target = draft.inReplyTo === undefined ? chat : placeOf(draft.inReplyTo.id).chat;
      return read(await post(draft, target, signal));
    },
    async edit(target, draft, _key, signal) {
      wordsOnly(draft, NETWORK);
      const { chat: chat_id, message: message_id } = placeOf(target.id);
      try {
        return await read(await call('editMessageText', { ...wordsOf(draft), chat_id, message_id }, signal));
      } catch (error) {
        // It says these words already: an earlier try did it.
        if (error instanceof ChannelError && error.code === 'not_modified') return target;
        throw error;
      }
    },
    async remove(target, signal) {
      const { chat: chat_id, message: message_id } = placeOf(target.id);
      try {
        await call('deleteMessage', { chat_id, message_id }, signal);
      } catch (error) {
        if (!(error instanceof ChannelError && error.code === 'gone')) throw error;
      }
    },
    receive(headers, body) {
      checkToken(tools.hook?.secret, headers);
      if (listening === undefined) {
        void whoAmI(AbortSignal.timeout(ASKED_MS)).catch(() => undefined);
        throw new ChannelError('unsent', 'We do not know yet who we are on Telegram. Call again.');
      }
      const one = inboundOf(updateIn(body), listening, web);
      return one === undefined ? [] : [one];
    },
    async poll(cursor, signal) {
      const to = await whoAmI(signal);
      // One page: asking for the next one makes Telegram forget this one, and it is not kept yet.
      let answer: unknown;
      try {
        answer = await call(
          'getUpdates',
          {
            limit: 100,
            timeout: 0,
            allowed_updates: ['message'],
            ...(cursor === null ? {} : { offset: Number(cursor) + 1 }),
          },
          signal,
          true,
        );
      } catch (error) {
        // Telegram calls us, and then lets nobody ask.
        if (error instanceof ChannelError && error.status === 409) return { items: [], cursor };
        throw error;
      }
      const updates = listOf(answer);
      const last = recordOf(updates.at(-1))['update_id'];
      return {
        items: updates.flatMap((one) => inboundOf(one, to, web) ?? []),
        cursor: typeof last === 'number' ? String(last) : cursor,
      };
    },
  };
}

/** Whether Telegram has sent this: it carries the secret that was named when the address was entered. */
function checkToken(secret: string | undefined, headers: Record<string, string>): void {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const given = digest(headers['x-telegram-bot-api-secret-token'] ?? '');
  if (secret === undefined || !timingSafeEqual(given, digest(secret)))
    throw new ChannelError('rejected', 'This call does not carry the secret that Telegram was given.', {
      code: 'bad_signature',
    });
}

function updateIn(body: Uint8Array): Record<string, unknown> {
  const json = jsonOf(body);
  if (json === undefined) throw new ChannelError('rejected', 'This call is not JSON.', { code: 'bad_body' });
  return recordOf(json);
}

/** Plain words with our link marked; markup would change what was approved, and can be refused. No preview is added. */
function wordsOf(draft: Draft): Record<string, unknown> {
  const { text, link } = draft;
  const offset = link === undefined ? -1 : text.indexOf(link);
  return {
    text,
    entities: offset === -1 ? [] : [{ type: 'text_link', offset, length: link?.length, url: link }],
    link_preview_options: { is_disabled: true },
  };
}

const replyOf = (draft: Draft): Record<string, unknown> =>
  draft.inReplyTo === undefined
    ? {}
    : { reply_parameters: { message_id: placeOf(draft.inReplyTo.id).message } };

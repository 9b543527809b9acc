import type { Inbound, RemotePost } from '../domain/channel.ts';
import { recordOf, textOf } from './classify.ts';
import { ChannelError } from './contract.ts';

/** Where a message is: message ids are only unique within a chat, so ours name both. */
export interface Place {
  chat: string;
  message: number;
}

const idOf = ({ chat, message }: Place): string => `${chat}/${message}`;

/** Throws `rejected` for what is not an id of ours. */
export function placeOf(id: string): Place {
  const found = /^(-?\d{1,16})\/(\d{1,12})$/.exec(id);
  if (found === null)
    throw new ChannelError('rejected', 'This is not a message on Telegram, so nothing was asked for.', {
      code: 'bad_id',
    });
  return { chat: found[1] ?? '', message: Number(found[2]) };
}

/** The message that Telegram made, or undefined when the answer has none. */
export function postOf(result: unknown, web: string): RemotePost | undefined {
  const message = recordOf(result);
  const place = placeIn(message);
  return place === undefined
    ? undefined
    : { id: idOf(place), url: urlOf(recordOf(message['chat']), place, web) };
}

function placeIn(message: Record<string, unknown>): Place | undefined {
  const chat = recordOf(message['chat'])['id'];
  const id = message['message_id'];
  return typeof chat === 'number' && typeof id === 'number' ? { chat: String(chat), message: id } : undefined;
}

/** Public chats have a name; of private ones (`-100…`) only members can follow the link. */
function urlOf(chat: Record<string, unknown>, place: Place, web: string): string | null {
  if (chat['type'] === 'private' || chat['type'] === 'group') return null;
  const name = textOf(chat['username']);
  return `${web}/${name ?? `c/${place.chat.replace(/^-100/, '')}`}/${place.message}`;
}

/** Whom a bot listens to: the discussion group of its channel (or the group itself), and people who write to it. */
export interface Listening {
  groups: readonly string[];
  /** Names that count as ours, without @. */
  names: readonly string[];
  bot: string;
}

/** A message that speaks to us, or undefined: a comment under our post, an answer, a mention, or a private message. */
export function inboundOf(update: unknown, to: Listening, web: string): Inbound | undefined {
  const message = recordOf(recordOf(update)['message']);
  const place = placeIn(message);
  const chat = recordOf(message['chat']);
  const text = textOf(message['text']) ?? textOf(message['caption']) ?? '';
  const from = recordOf(message['sender_chat'] ?? message['from']);
  // Telegram copies every post of a channel into its group; that copy is us.
  if (place === undefined || text === '' || message['is_automatic_forward'] === true) return undefined;
  if (String(from['id']) === to.bot) return undefined;
  const parent = parentOf(recordOf(message['reply_to_message']));
  const isPrivate = chat['type'] === 'private';
  const isOurs =
    isPrivate ||
    (to.groups.includes(place.chat) &&
      (parent !== undefined || message['message_thread_id'] !== undefined || names(text, to.names)));
  if (!isOurs) return undefined;
  const handle = textOf(from['username']);
  const name = [from['first_name'], from['last_name'], from['title']].filter(
    (one) => typeof one === 'string',
  );
  const url = urlOf(chat, place, web);
  return {
    id: idOf(place),
    url,
    at: typeof message['date'] === 'number' ? message['date'] * 1000 : 0,
    author: {
      id: String(from['id'] ?? place.chat),
      handle: handle === undefined ? String(from['id'] ?? '') : `@${handle}`,
      ...(name.length === 0 ? {} : { name: name.join(' ') }),
    },
    text,
    ...(parent === undefined ? {} : { inReplyTo: parent }),
    post: { id: idOf(place), url },
  };
}

/** A comment answers the group's copy of our post; the copy says which post it is a copy of. */
function parentOf(message: Record<string, unknown>): string | undefined {
  const origin = recordOf(message['forward_origin']);
  if (message['is_automatic_forward'] === true && origin['type'] === 'channel') {
    const original = placeIn(origin);
    if (original !== undefined) return idOf(original);
  }
  const place = placeIn(message);
  return place === undefined ? undefined : idOf(place);
}

const names = (text: string, ours: readonly string[]): boolean =>
  (text.toLowerCase().match(/@\w+/g) ?? []).some((word) => ours.includes(word.slice(1)));

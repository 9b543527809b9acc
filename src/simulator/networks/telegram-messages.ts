/** How Telegram writes chats, messages and updates. */
import type { Account, Post } from '../facts.ts';
import type { World } from '../world.ts';

/** The account's own chat: a channel, or the supergroup that its group has become. */
export function channelOf(account: Account): { id: string; shape: Record<string, unknown> } {
  const isGroup = account.options['upgraded'] === true;
  const isNamed = !isGroup && account.options['private'] !== true;
  return {
    id: account.id,
    shape: {
      id: Number(account.id),
      title: account.name,
      ...(isNamed ? { username: account.handle } : {}),
      type: isGroup ? 'supergroup' : 'channel',
    },
  };
}

/** Where people comment: the discussion group of a channel, or the group itself. */
export function groupOf(account: Account): { id: string; shape: Record<string, unknown> } {
  if (account.options['upgraded'] === true) return channelOf(account);
  const id = account.id.replace('-100', '-1009');
  return {
    id,
    shape: {
      id: Number(id),
      title: `${account.name} chat`,
      username: `${account.handle}_chat`,
      type: 'supergroup',
    },
  };
}

const seconds = (ms: number): number => Math.floor(ms / 1000);

/** A message as the Bot API gives it, with the one it answers. */
export function messageOf(
  world: World,
  account: Account,
  post: Post,
  copies: ReadonlyMap<string, number>,
): Record<string, unknown> {
  const channel = channelOf(account);
  const group = groupOf(account);
  const chat = post.raw['chat'] === channel.id ? channel : group;
  const parent = post.parent === null ? undefined : world.post('telegram', post.parent);
  const isAbove = parent !== undefined && parent.deletedAt === null;
  // In the group the post of the channel is there as a copy, which the comments answer.
  const above =
    !isAbove || parent.raw['chat'] === chat.id
      ? isAbove
        ? { ...messageOf(world, account, parent, copies), reply_to_message: undefined }
        : undefined
      : copyOf(world, account, parent, copies);
  return {
    message_id: post.raw['message'],
    ...(post.byCustomer
      ? {
          from: {
            id: Number(post.author.id),
            is_bot: false,
            first_name: post.author.name.split(' ')[0],
            last_name: post.author.name.split(' ').slice(1).join(' ') || undefined,
            username: post.author.handle,
          },
        }
      : { sender_chat: channel.shape }),
    chat: chat.shape,
    date: seconds(post.at),
    ...(post.editedAt === null ? {} : { edit_date: seconds(post.editedAt) }),
    ...(above === undefined ? {} : { reply_to_message: above, message_thread_id: above['message_id'] }),
    text: post.text,
    entities: post.raw['entities'] ?? [],
  };
}

function copyOf(
  world: World,
  account: Account,
  post: Post,
  copies: ReadonlyMap<string, number>,
): Record<string, unknown> {
  const channel = channelOf(account);
  return {
    ...messageOf(world, account, post, copies),
    message_id: copies.get(post.id),
    from: { id: 777000, is_bot: false, first_name: 'Telegram' },
    chat: groupOf(account).shape,
    is_automatic_forward: true,
    forward_origin: {
      type: 'channel',
      chat: channel.shape,
      message_id: post.raw['message'],
      date: seconds(post.at),
    },
  };
}

/** What getUpdates gives for a comment. */
export const updateOf = (
  world: World,
  account: Account,
  post: Post,
  copies: ReadonlyMap<string, number>,
): Record<string, unknown> => ({
  update_id: post.raw['update'],
  message: messageOf(world, account, post, copies),
});

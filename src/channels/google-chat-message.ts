import type { Draft, Key, Limits, RemotePost, Seen } from '../domain/channel.ts';
import { failureOfAnswer, recordOf, textOf } from './classify.ts';
import { ChannelError, type GuardedResponse } from './contract.ts';
import { shortKey } from './short-key.ts';
import { wordsOnly } from './words-only.ts';

export const NETWORK = 'Google Chat';
/** "The maximum message size, including the message contents, is 32,000 bytes." */
export const limits: Limits = { unit: 'bytes', max: 32_000 };

/** Invisible, and enough to keep `<users/all>` from notifying a whole space: Chat has no way to escape a `<`. */
const JOINER = '\u2060';

/** The words, with whatever Chat would read as a mention or a hidden link broken. */
export const contentOf = (draft: Draft): string =>
  wordsOnly(draft, NETWORK).replace(/<(?=(users|customEmojis)\/|[a-z][a-z\d+.-]*:[^<>]*\|)/gi, `<${JOINER}`);

const wordsOf = (text: string): string => text.replaceAll(`<${JOINER}`, '<');

/** Our own name for a message, so that it can be found without knowing Google's: `client-` and [a-z0-9-], 63 at most. */
export const clientIdOf = (key: Key): string => `client-${shortKey(key.id, 40)}`;

/** The number of a space, from its name, its address in a browser, or as it is. */
export function spaceOf(typed: string): string {
  const found = /(?:spaces?|room|dm)\/([\w-]+)/.exec(typed)?.[1] ?? typed.trim();
  return encodeURIComponent(found);
}

/** Throws `rejected` for what is not the name of a message. */
export function nameOf(id: string): string {
  if (!/^spaces\/[\w-]+\/messages\/[\w.-]*\w$/.test(id))
    throw new ChannelError('rejected', 'This is not a message on Google Chat, so nothing was asked for.', {
      code: 'bad_id',
    });
  return id;
}

/** A message as the API gives it; undefined when it is none, or was deleted. */
export function readMessage(value: unknown, web: string): Seen | undefined {
  const message = recordOf(value);
  const name = textOf(message['name']);
  if (name === undefined || message['deleteTime'] !== undefined) return undefined;
  const thread = textOf(recordOf(message['thread'])['name']);
  return {
    id: name,
    url: urlOf(name, web),
    text: wordsOf(textOf(message['text']) ?? ''),
    ...(thread === undefined ? {} : { raw: { thread } }),
  };
}
export const postOf = ({ text, ...post }: Seen): RemotePost => post;

/** `spaces/S/messages/T.M` opens at /room/S/T/M; a name of our own opens the space. */
function urlOf(name: string, web: string): string {
  const [, space, thread, message] = /^spaces\/([^/]+)\/messages\/([^.]+)(?:\.(.+))?$/.exec(name) ?? [];
  return message === undefined ? `${web}/room/${space}` : `${web}/room/${space}/${thread}/${message}`;
}

/** Google's answer as a failure. What it says about keys and tokens is about the connection. */
export function failureOf(
  answer: GuardedResponse,
  about: { now: number; safe: boolean; advice: string },
): ChannelError {
  const { status } = answer;
  const error = recordOf(recordOf(answer.json)['error']);
  const code = textOf(error['status']);
  const said = textOf(error['message']);
  const isAboutUs = status === 401 || status === 403 || (status === 400 && /API key/i.test(said ?? ''));
  if (isAboutUs)
    return new ChannelError(
      'auth',
      `Google Chat does not let us in (${status} ${code ?? 'refused'}). ${about.advice}`,
      { status, code },
    );
  return failureOfAnswer(answer, { network: NETWORK, now: about.now, safe: about.safe, said, code });
}

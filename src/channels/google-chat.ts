import type { Abilities, Draft, Key, RemotePost, Seen } from '../domain/channel.ts';
import { askJson, rootOf, webOf } from './ask-json.ts';
import { recordOf, textOf, unreadable } from './classify.ts';
import { type Channel, ChannelError, type ChannelKind, type ChannelTools } from './contract.ts';
import { apiField } from './fields.ts';
import {
  clientIdOf,
  contentOf,
  failureOf,
  limits,
  NETWORK,
  nameOf,
  postOf,
  readMessage,
  spaceOf,
} from './google-chat-message.ts';
import { openGoogleToken } from './google-token.ts';

const SCOPE = 'https://www.googleapis.com/auth/chat.bot';
const ADVICE = 'Add the app to the space, and check that the key belongs to the app’s own project.';

const can: Abilities = {
  replies: true,
  edit: 'in_place',
  remove: true,
  // requestId gives back the message it made, and a second one under the same messageId is refused.
  // https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages/create
  idempotent: 'always',
  find: true,
  read: true,
  // Apps are told of mentions only by Google calling them; listing messages needs an administrator's approval.
  inbound: 'none',
  altText: false,
  lagMs: 5_000,
  whenUnverifiable: 'hold',
  everyUpdate: false,
};

/** A space in Google Chat, through a Chat app with a service account. */
export const googleChat: ChannelKind = {
  kind: 'google_chat',
  name: NETWORK,
  lifecycle: 'active',
  limits,
  can,
  template: 'long',
  cost: 'free',
  defaultRole: 'brand',
  checkedOn: '2026-11-21',
  promise:
    'Google Chat recognises a repeated post for good, so a repeat can never make a second one. A post counts as delivered when we have read it back. What people answer is not read.',
  fields: [
    {
      name: 'space',
      label: 'Space',
      help: 'The address of the space in a browser, or its name, as spaces/AAAA….',
      secret: false,
      required: true,
      placeholder: 'spaces/AAAAx…',
    },
    {
      name: 'serviceAccount',
      label: 'Service account key',
      help: 'The whole JSON file that Google Cloud gave you for the service account of the app.',
      secret: true,
      required: true,
      placeholder: '{ "type": "service_account", … }',
    },
    apiField('Google', 'https://chat.googleapis.com'),
  ],
  steps: [
    'In Google Cloud make a project, enable the Google Chat API, and configure a Chat app with your brand’s name.',
    'In the same project make a service account and a JSON key for it.',
    'In the space choose “Apps & integrations” and add the app.',
  ],
  open: (values, tools) => openGoogleChat(values, tools),
};

function openGoogleChat(values: Record<string, string>, tools: ChannelTools): Channel {
  const api = rootOf(values['api'], 'https://chat.googleapis.com');
  const web = webOf(api, 'https://chat.google.com');
  const space = spaceOf(values['space'] ?? '');
  const tokenOf = openGoogleToken(values['serviceAccount'] ?? '', SCOPE, tools);

  async function ask(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    signal: AbortSignal,
    body?: Record<string, unknown>,
  ): Promise<unknown> {
    const send = (token: string) =>
      askJson(tools, {
        method,
        url: `${api}/v1/${path}`,
        signal,
        headers: { authorization: `Bearer ${token}` },
        ...(body === undefined ? {} : { body }),
      });
    const first = await tokenOf(signal);
    let answer = await send(first);
    // What was refused for its token has published nothing, so the same may go again with another one, once.
    if (answer.status === 401) answer = await send(await tokenOf(signal, first));
    const safe = method === 'GET';
    if (answer.status !== 200) throw failureOf(answer, { now: tools.now(), safe, advice: ADVICE });
    if (answer.json === undefined) throw unreadable(NETWORK, 200, safe);
    return answer.json;
  }

  async function look(name: string, signal: AbortSignal): Promise<Seen | null> {
    try {
      const answer = await ask('GET', name, signal);
      if (textOf(recordOf(answer)['name']) === undefined) throw unreadable(NETWORK, 200, true);
      return readMessage(answer, web) ?? null;
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  }

  const ourName = (key: Key): string => `spaces/${space}/messages/${clientIdOf(key)}`;
  const made = (answer: unknown): RemotePost => {
    const message = readMessage(answer, web);
    if (message === undefined) throw unreadable(NETWORK, 200);
    return postOf(message);
  };

  async function threadOf(draft: Draft, signal: AbortSignal) {
    const above = draft.root ?? draft.inReplyTo;
    if (above === undefined) return {};
    const name = textOf(above.raw?.['thread']) ?? (await look(nameOf(above.id), signal))?.raw?.['thread'];
    if (name === undefined)
      throw new ChannelError('rejected', 'The post that this one answers is not on Google Chat any more.', {
        code: 'parent_gone',
      });
    return { thread: { name } };
  }

  return {
    async verify(signal) {
      const about = recordOf(await ask('GET', `spaces/${space}`, signal));
      const name = textOf(about['name']);
      if (name === undefined) throw unreadable(NETWORK, 200, true);
      return {
        account: textOf(about['displayName']) || name,
        url: textOf(about['spaceUri']) ?? `${web}/room/${space}`,
        limits,
        can,
      };
    },
    async publish(draft, key, signal) {
      const text = contentOf(draft);
      const query = new URLSearchParams({
        requestId: clientIdOf(key),
        messageId: clientIdOf(key),
        messageReplyOption: 'REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD',
      });
      const body = { text, ...(await threadOf(draft, signal)) };
      try {
        return made(await ask('POST', `spaces/${space}/messages?${query}`, signal, body));
      } catch (error) {
        // Our own name is taken: an earlier try has made it, and the request's number was forgotten.
        const there =
          error instanceof ChannelError && error.status === 409 ? await look(ourName(key), signal) : null;
        if (there === null) throw error;
        return postOf(there);
      }
    },
    find: (_draft, key, signal) => look(ourName(key), signal),
    read: async (post, signal) => look(nameOf(post.id), signal),
    async edit(post, draft, _key, signal) {
      const body = { text: contentOf(draft) };
      return made(await ask('PATCH', `${nameOf(post.id)}?updateMask=text`, signal, body));
    },
    async remove(post, signal) {
      try {
        await ask('DELETE', nameOf(post.id), signal);
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    },
  };
}

/** Google's own word for it: a 404 of somebody in between is no absence. */
const isGone = (error: unknown): boolean => error instanceof ChannelError && error.code === 'NOT_FOUND';

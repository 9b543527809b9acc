/** What a client may write to a Mastodon server, and the ids and addresses its posts get. */
import type { Account, Post } from '../facts.ts';
import { type Answer, type Call, json, textField } from '../network.ts';
import type { World } from '../world.ts';
import { countedLength, SOFTWARE, type Software } from './mastodon-text.ts';

export function softwareOf(account: Account | undefined): Software {
  return account?.options['software'] === 'gotosocial' ? SOFTWARE.gotosocial : SOFTWARE.mastodon;
}

/** What a client asks to publish, or the server's complaint about it. */
export function readStatus(
  call: Call,
  software: Software,
): { text: string; raw: Record<string, unknown> } | Answer {
  const text = (textField(call.body, 'status') ?? '').replaceAll('\r\n', '\n').trim();
  const spoiler = textField(call.body, 'spoiler_text') ?? '';
  if (text === '') return refuse(software.refuses.blank);
  const length = countedLength(text, software) + countedLength(spoiler, software);
  if (length > software.maxCharacters) return refuse(software.refuses.long(length));
  return {
    text,
    raw: {
      spoiler,
      visibility: textField(call.body, 'visibility') ?? 'public',
      language: textField(call.body, 'language') ?? 'en',
    },
  };
}

function refuse([status, error]: [number, string]): Answer {
  return json(status, { error });
}

export function ownPost(world: World, call: Call, account: Account): Post | Answer {
  const post = world.post('mastodon', call.params['id'] ?? '');
  if (post === undefined || post.deletedAt !== null || post.author.id !== account.id) {
    return json(404, { error: softwareOf(account).notFound });
  }
  return post;
}

export function places(base: string, handle: string, id: string): Pick<Post, 'url' | 'paths'> {
  return { url: `${base}/@${handle}/${id}`, paths: [`/@${handle}/${id}`, `/users/${handle}/statuses/${id}`] };
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Mastodon: milliseconds and a 16-bit sequence. GoToSocial: ULIDs. Both sort by time. */
export function idMaker(): (at: number, software: Software) => string {
  let last = 0n;
  return (at, software) => {
    const fresh = BigInt(at) << 16n;
    last = fresh > last ? fresh : last + 1n;
    if (software.name === 'mastodon') return last.toString();
    let rest = last << 64n;
    let ulid = '';
    for (let n = 0; n < 26; n++) {
      ulid = CROCKFORD[Number(rest & 31n)] + ulid;
      rest >>= 5n;
    }
    return ulid;
  };
}

import type { Connection } from '../../db/queries/connections.ts';
import { isTerminal } from '../domain/delivery.ts';
import type { ConnectionRole, DeliveryState } from '../domain/words.ts';
import { subscriberWords } from '../templates/strings/subscriber/words.ts';
import type { AccountView } from '../templates/views.ts';

/** Where else the public can read us, and whether the newest words are there. */

export interface Posting {
  connectionId: string;
  ord: number;
  part: number;
  state: DeliveryState;
  acceptedAt: number | null;
}

/** What a network calls itself; the way we speak to it, in brackets, is ours. Mail is nobody's, and has our word. */
const networkName = (
  c: Connection,
  nameOf: (channel: string) => string | undefined,
  language: string,
): string =>
  c.channel === 'manual'
    ? c.name
    : c.channel === 'email'
      ? subscriberWords(language).kind.email
      : (nameOf(c.channel)?.replace(/ \(.*\)$| webhook$/, '') ??
        c.channel.replaceAll('_', ' ').replace(/^./, (letter) => letter.toUpperCase()));

/** These reach people one by one: "sent", not "posted". */
const PERSONAL: readonly string[] = ['email', 'sms'];
/** Programs, browsers and the company's own people listen here: nobody looks it up to see whether it is us. */
const INSIDE: readonly string[] = [
  'web_push',
  'webhook',
  'slack',
  'slack_webhook',
  'teams',
  'google_chat',
  'google_chat_webhook',
];
const THERE: readonly DeliveryState[] = ['accepted', 'delivered', 'manual_confirmed'];

/** Accounts of single persons are theirs, and those of our own people nobody's business. */
const OFFICIAL: readonly ConnectionRole[] = ['brand', 'status', 'care'];

/** Every official account, those that cannot speak too. `silent`: nothing leaves for any network. */
export const accounts = (
  connections: readonly Connection[],
  postings: readonly Posting[],
  silent: boolean,
  nameOf: (channel: string) => string | undefined = () => undefined,
  language = 'en',
): AccountView[] =>
  connections
    .filter((c) => OFFICIAL.includes(c.role) && !INSIDE.includes(c.channel))
    .map((c) => ({
      network: networkName(c, nameOf, language),
      handle: c.account,
      url: c.url,
      ...newest(
        c,
        postings.filter((p) => p.connectionId === c.id),
        silent,
      ),
    }));

function newest(c: Connection, own: readonly Posting[], silent: boolean): Pick<AccountView, 'state' | 'at'> {
  const there = own.filter((p) => THERE.includes(p.state));
  const at = there.length > 0 ? Math.max(...there.map((p) => p.acceptedAt ?? 0)) || null : null;
  if (silent || !c.enabled || c.pausedAt !== null) return { state: 'cannot_post', at };
  if (c.role === 'care') return { state: 'answers', at };
  const last = Math.max(...own.map((p) => p.ord));
  const parts = own.filter((p) => p.ord === last);
  if (parts.some((p) => p.state === 'refused' || p.state === 'dead')) return { state: 'cannot_post', at };
  if (parts.some((p) => !isTerminal(p.state) && !THERE.includes(p.state))) return { state: 'waiting', at };
  if (at === null) return { state: 'idle', at };
  return { state: PERSONAL.includes(c.channel) ? 'sent' : 'posted', at };
}

import type { Alert } from '../../db/queries/alerts.ts';
import type { Connection } from '../../db/queries/connections.ts';
import type { Delivery } from '../../db/queries/deliveries.ts';
import type { Store } from '../../db/store.ts';
import { type Channel, ChannelError } from '../channels/contract.ts';
import type { Draft, Key, RemotePost } from '../domain/channel.ts';
import type { DeliveryRules, Tick } from '../domain/delivery.ts';
import { rulesOf } from '../domain/delivery-rules.ts';
import { LONGEST_WAIT_MS } from '../domain/delivery-times.ts';
import type { Attached } from '../domain/media.ts';

/** Everything the outbox works with, passed in. */
export interface OutboxParts {
  store: Store;
  /** Wall and monotonic time, and the name of this run: the owner in every lease it takes. */
  tick(): Tick;
  newId(): string;
  /** The connected account, credentials opened; kept open between sends. */
  channelOf(connection: Connection): Channel;
  /** Tells a person of the desk in their browsers; false when it is to be tried again. Absent: nobody has any. */
  pushTo?(alert: Alert): Promise<boolean>;
  /** Unknown errors, once each. */
  report(error: unknown, where: string): void;
  /** Deadline of one request, ms. */
  requestMs: number;
  /** Named places before and after each durable step, where the crash harness may stop the process. */
  failpoint(name: string): void;
  /** Called after a delivery is held, dead, refused, or its connection is paused or about to be: somebody should be told. */
  alert(what: OutboxAlert): void;
  /** A drill: whoever is called reads that before anything else. */
  exercise?: boolean;
}

export interface OutboxAlert {
  kind: 'held' | 'dead' | 'refused' | 'paused' | 'expiring';
  connectionId: string;
  deliveryId: string | null;
  message: string;
}

/** Whether we may turn to this account now: it is on, not paused, and did not ask us to wait. */
export const maySpeak = (c: Connection, now: number): boolean =>
  c.enabled &&
  c.pausedAt === null &&
  (c.notBefore === null || c.notBefore <= now || c.notBefore > now + LONGEST_WAIT_MS + 60_000);

/** The rules of one delivery. */
export const rulesFor = (
  parts: Pick<OutboxParts, 'requestMs'>,
  connection: Connection,
  delivery: Pick<Delivery, 'op'> & Partial<Pick<Delivery, 'way'>>,
): DeliveryRules =>
  // A change that a correction plans is followed by an answer where it is refused.
  rulesOf(connection.can, parts.requestMs, delivery.op, delivery.op === 'edit' && delivery.way === 'edit');

/** The connected account. When its credentials cannot be opened nothing has left: it pauses, and its queue is kept. */
export function openAccount(parts: OutboxParts, connection: Connection): Channel {
  try {
    return parts.channelOf(connection);
  } catch (error) {
    if (error instanceof ChannelError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new ChannelError('auth', `This account cannot be opened: ${why}`, { cause: error });
  }
}

/** How long a channel may go on after its deadline before we no longer wait for it, ms. */
const GRACE_MS = 2_000;

/**
 * Runs a call on a network with its deadline. A channel that does not obey its signal must not keep its account silent
 * for ever: we stop waiting, and `late` gets the answer if one still comes.
 */
export async function withDeadline<T>(
  requestMs: number,
  call: (signal: AbortSignal) => Promise<T>,
  late: (answer: T) => void = () => undefined,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  const end = new Promise<never>((_, fail) => {
    timer = setTimeout(() => {
      over = true;
      fail(new ChannelError('unknown', 'The network did not answer in time.'));
    }, requestMs + GRACE_MS);
  });
  const answer = call(AbortSignal.timeout(requestMs));
  answer.then(
    (value) => {
      if (over) late(value);
    },
    () => undefined,
  );
  try {
    return await Promise.race([answer, end]);
  } finally {
    clearTimeout(timer);
  }
}

/** A delivery that is durably marked as being sent, and everything the channel needs to send it. */
export interface Sending {
  connection: Connection;
  delivery: Delivery;
  attemptId: string;
  draft: Draft;
  key: Key;
  target: RemotePost | null;
  /** Pictures that go with it; undefined is nothing said of pictures. */
  pictures?: readonly Attached[] | undefined;
}

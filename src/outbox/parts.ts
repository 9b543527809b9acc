import type { Connection } from '../../db/queries/connections.ts';
import type { Delivery } from '../../db/queries/deliveries.ts';
import type { Store } from '../../db/store.ts';
import type { Channel } from '../channels/contract.ts';
import type { Draft, Key, RemotePost } from '../domain/channel.ts';
import type { Tick } from '../domain/delivery.ts';

/** Everything the outbox works with, passed in. */
export interface OutboxParts {
  store: Store;
  /** Wall and monotonic time, and the name of this run: the owner in every lease it takes. */
  tick(): Tick;
  newId(): string;
  /** The connected account, credentials opened; kept open between sends. */
  channelOf(connection: Connection): Channel;
  /** Unknown errors, once each. */
  report(error: unknown, where: string): void;
  /** Deadline of one request, ms. */
  requestMs: number;
  /** Named places before and after each durable step, where the crash harness may stop the process. */
  failpoint(name: string): void;
  /** Called after a delivery is held, dead, refused, or its connection is paused: somebody should be told. */
  alert(what: OutboxAlert): void;
}

export interface OutboxAlert {
  kind: 'held' | 'dead' | 'refused' | 'paused';
  connectionId: string;
  deliveryId: string | null;
  message: string;
}

/** A delivery that is durably marked as being sent, and everything the channel needs to send it. */
export interface Sending {
  connection: Connection;
  delivery: Delivery;
  attemptId: string;
  draft: Draft;
  key: Key;
  target: RemotePost | null;
}

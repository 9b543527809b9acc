import type { Connection } from '../../../db/queries/connections.ts';
import type { Delivery } from '../../../db/queries/deliveries.ts';
import type { Fanout } from '../../../db/queries/fan-out.ts';
import type { Letter, Subscriber } from '../../../db/queries/subscribers.ts';
import type { Rendition } from '../../../db/queries/words.ts';
import type { Channel } from '../../channels/contract.ts';
import type { Draft, Key } from '../../domain/channel.ts';
import type { OutboxParts } from '../parts.ts';

/** A message for one subscriber: through which channel, and all of its words. */
export interface Addressed {
  channel: Channel;
  draft: Draft;
}

/** One delivery to one subscriber, with everything it is made of. */
export interface Outgoing {
  line: Connection;
  delivery: Delivery;
  subscriber: Subscriber;
  rendition: Rendition;
  fanout: Fanout;
  /** Nothing more will come: they followed this incident alone, and it is over. */
  last: boolean;
  key: Key;
}

/** Lent by the composition root, which alone opens addresses and knows the words around ours. */
export interface Recipients {
  /** Throws `ChannelError`: `auth` when there is no account to write from, which holds for all. */
  address(out: Outgoing): Promise<Addressed>;
  /** Undefined when there is nobody to write to any more. */
  addressLetter(letter: Letter, subscriber: Subscriber): Promise<Addressed | undefined>;
}

export interface LineParts extends OutboxParts {
  recipients: Recipients;
}

import { changeSubscriber, findSubscriber } from '../../../db/queries/subscribers.ts';
import { afterReturn, type Returned } from '../../domain/returned.ts';
import type { Ctx } from '../context.ts';
import { readBounceTag, readToken, type SubscriberLocks } from './locks.ts';
import { endSubscription } from './settle.ts';

/**
 * Takes in mail that came back. Who is meant is believed only of what we made ourselves: the mark in the address that it
 * came back to, or a private link in the mail that it quotes. The same report twice changes nothing twice. Says what it
 * did, for whoever looks after the mail server.
 */
export async function takeReturned(
  ctx: Pick<Ctx, 'store' | 'now'>,
  locks: Pick<SubscriberLocks, 'sign'>,
  mail: { returned: Returned; tags: readonly string[]; links: readonly string[] },
): Promise<'not ours' | 'nothing to do' | 'counted' | 'quarantined' | 'unsubscribed'> {
  const id =
    mail.tags.map((tag) => readBounceTag(locks, tag)).find((found) => found !== undefined) ??
    mail.links.map((link) => readToken(locks, link)?.id).find((found) => found !== undefined);
  if (id === undefined) return 'not ours';
  return ctx.store.transact(
    async (w) => {
      const now = ctx.now();
      const row = await findSubscriber(w, id);
      const after = row && afterReturn(row, mail.returned, now);
      if (!row || after === undefined) return 'nothing to do';
      if (after === 'end') {
        await endSubscription(w, row.id, now);
        return 'unsubscribed';
      }
      await changeSubscriber(w, row.id, { ...after, updatedAt: now });
      return 'state' in after ? 'quarantined' : 'counted';
    },
    { appends: false },
  );
}

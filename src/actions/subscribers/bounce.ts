import { changeSubscriber, findByAddress } from '../../../db/queries/subscribers.ts';
import type { SubscriberKind } from '../../domain/subscriber.ts';
import { type Ctx, decide, mustBe } from '../context.ts';
import { addressHash, type SubscriberLocks } from './locks.ts';
import { endSubscription } from './settle.ts';

/**
 * A mail or message provider says afterwards that an address does not exist, or that its owner complained: nothing more
 * is sent there; whoever complained is unsubscribed. The same answer whether or not the address is known. `reason` must
 * not repeat the address.
 */
export async function noteBounce(
  ctx: Ctx,
  locks: SubscriberLocks,
  of: { pageId: string; kind: SubscriberKind; address: string; reason: 'bounced' | 'complained' },
): Promise<void> {
  mustBe(ctx.actor, ['admin'], 'admin');
  await decide(ctx, async ({ w, now, account }) => {
    const hash = addressHash(locks, of.pageId, of.kind, of.address);
    const row = await findByAddress(w, of.pageId, of.kind, hash);
    if (row && row.state !== 'unsubscribed' && of.reason === 'complained')
      await endSubscription(w, row.id, now);
    else if (row && row.state !== 'unsubscribed' && row.state !== 'quarantined')
      await changeSubscriber(w, row.id, {
        state: 'quarantined',
        reason: 'The provider said later that it could not be delivered.',
        quarantinedAt: now,
        updatedAt: now,
      });
    await account({
      action: 'subscriber.bounce',
      subjectKind: 'subscriber',
      subjectId: row?.id ?? 'unknown',
      detail: { kind: of.kind, reason: of.reason },
    });
  });
}

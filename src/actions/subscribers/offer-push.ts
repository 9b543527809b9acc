import { listConnections } from '../../../db/queries/connections.ts';
import { getPage } from '../../../db/queries/pages.ts';
import { lineFor } from '../../domain/subscriber.ts';
import type { Ctx } from '../context.ts';
import { ensureLine } from './line.ts';
import type { SubscriberLocks } from './locks.ts';

/** The public key with which browsers make their subscriptions to a page. Made once: every subscription is bound to it. */
export async function offerPush(ctx: Ctx, locks: SubscriberLocks, pageId: string): Promise<string> {
  const known = lineFor(await listConnections(ctx.store.read, pageId), 'web_push');
  if (known) return known.settings['publicKey'] ?? '';
  return ctx.store.transact(
    async (w) => {
      const page = await getPage(w, pageId);
      const line = await ensureLine(w, locks, page, 'web_push', { newId: ctx.newId, now: ctx.now() });
      return line.settings['publicKey'] ?? '';
    },
    { appends: false },
  );
}

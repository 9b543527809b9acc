import { forgetSent } from '../../../db/queries/fan-out.ts';
import {
  deleteTarget,
  deleteTicketsBefore,
  deleteUnconfirmed,
  forgetContacts,
  listEndedWith,
  listFollowedEnded,
} from '../../../db/queries/subscribers.ts';
import { CONFIRM_MS, TICKET_MS } from '../../domain/subscriber.ts';
import type { Ctx } from '../context.ts';
import { endSubscription } from './settle.ts';

/** The last update of an incident has a day to reach everybody who followed it, and the incident to come back. */
const AFTER_MS = 24 * 60 * 60_000;
/** How long it is kept who was sent what, ms. */
const SENT_MS = 30 * 24 * 60 * 60_000;
const BATCH = 500;

/** Forgets what has had its time: unconfirmed addresses, who followed what is over, who was sent what. */
export async function tidySubscribers(ctx: Pick<Ctx, 'store' | 'now'>): Promise<void> {
  const { store } = ctx;
  const now = ctx.now();
  const quiet = { appends: false } as const;
  await store.transact((w) => deleteUnconfirmed(w, now - CONFIRM_MS), quiet);
  await store.transact((w) => forgetContacts(w, now - CONFIRM_MS), quiet);
  await store.transact((w) => deleteTicketsBefore(w, now - TICKET_MS), quiet);
  for (const incidentId of await listFollowedEnded(store.read, now - AFTER_MS, 20))
    await store.transact(async (w) => {
      const only = await listEndedWith(w, incidentId, BATCH);
      for (const id of only) await endSubscription(w, id, now);
      if (only.length < BATCH) await deleteTarget(w, incidentId);
    }, quiet);
  await store.transact((w) => forgetSent(w, now - SENT_MS, BATCH), quiet);
}

import { getConnection } from '../../db/queries/connections.ts';
import { changeDelivery, listDeliveriesInState } from '../../db/queries/deliveries.ts';
import { cancelForSubscribers } from '../../db/queries/fan-out.ts';
import { findInstallation, removeInstallation, setInstallation } from '../../db/queries/installation.ts';
import { advance, isTerminal, needsPerson } from '../domain/delivery.ts';
import { REQUEST_MS, rulesOf } from '../domain/delivery-rules.ts';
import { conflict } from '../domain/error.ts';
import { DELIVERY_STATES } from '../domain/words.ts';
import { type Ctx, decide, mustBe } from './context.ts';

const UNFINISHED = DELIVERY_STATES.filter((s) => !isTerminal(s) && !needsPerson(s));

/**
 * Stops all sending until a person releases it, because this database is a copy: restored from a backup, or moved to
 * another place. Everything unfinished may have been sent by the original since; it is looked up, or held.
 */
export async function enterQuarantine(ctx: Ctx, reason: string): Promise<void> {
  await decide(ctx, async ({ w, now, say, account }) => {
    // Open pages count in the log as it was: its numbers will be given out again.
    await setInstallation(w, 'epoch', ctx.newId(), now);
    if ((await findInstallation(w, 'quarantine')) !== undefined) return;
    await setInstallation(w, 'quarantine', reason, now);
    let uncertain = 0;
    for (const row of await listDeliveriesInState(w, UNFINISHED, 1_000_000)) {
      const rules = rulesOf((await getConnection(w, row.connectionId)).can, REQUEST_MS, row.op);
      const patch = advance(row, { type: 'quarantined' }, rules, { now, mono: 0, boot: '' });
      await changeDelivery(w, row, { ...patch, updatedAt: now });
      uncertain += 1;
    }
    // Nobody can look into a mailbox; the next update says the newest words to them.
    await cancelForSubscribers(
      w,
      'This database was restored or copied, so it may have been sent since.',
      now,
    );
    await say({
      pageId: null,
      kind: 'quarantine.entered',
      public: false,
      incidentId: null,
      updateId: null,
      detail: { reason, uncertain },
    });
    await account({
      action: 'quarantine.enter',
      subjectKind: 'installation',
      subjectId: 'self',
      detail: { reason, uncertain },
    });
  });
}

/** A person has looked at what was uncertain, and lets this database speak. */
export async function releaseQuarantine(ctx: Ctx): Promise<void> {
  mustBe(ctx.actor, ['admin'], 'admin');
  await decide(ctx, async ({ w, say, account }) => {
    const reason = await findInstallation(w, 'quarantine');
    if (reason === undefined) throw conflict('Nothing is in quarantine: sending is on.');
    await removeInstallation(w, 'quarantine');
    await say({ pageId: null, kind: 'quarantine.released', public: false, incidentId: null, updateId: null });
    await account({
      action: 'quarantine.release',
      subjectKind: 'installation',
      subjectId: 'self',
      detail: { reason },
    });
  });
}

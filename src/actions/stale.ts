import {
  changeUpdate,
  type Incident,
  listPublishedUpdates,
  type Update,
} from '../../db/queries/incidents.ts';
import { listRenditions, voidApprovals } from '../../db/queries/words.ts';
import type { Reader } from '../../db/store.ts';
import { conflict, DomainError } from '../domain/error.ts';
import { moveUpdate } from '../domain/update.ts';
import type { Ctx, Decision } from './context.ts';
import { whyFactsDiffer } from './facts/ledger.ts';
import { approvalHash, listAudience } from './renditions.ts';

/** Why words that were put up for approval are no longer the words that would go out, or undefined when they are. */
export async function whyStale(r: Reader, update: Update, incident: Incident): Promise<string | undefined> {
  const renditions = await listRenditions(r, update.id);
  if (approvalHash(incident, update, renditions) !== update.hash)
    return 'The words no longer match what approval was asked for.';
  const audience = await listAudience(r, update).catch((error: unknown) => {
    // A connection that was named is not there any more, or switched off.
    if (error instanceof DomainError) return [];
    throw error;
  });
  const idsOf = (ids: readonly string[]) => ids.toSorted().join();
  if (idsOf(audience.map((c) => c.id)) !== idsOf(renditions.map((x) => x.connectionId)))
    return 'The connected networks have changed since approval was asked for.';
  const newest = (await listPublishedUpdates(r, [update.incidentId])).at(-1);
  if (newest && (newest.publishedAt ?? 0) > (update.requestedAt ?? 0))
    return 'A newer update of this incident has been published since approval was asked for.';
  return whyFactsDiffer(r, update);
}

/** Voids what was approved and gives the words back to their author. Returns the refusal to answer with. */
export async function sendBack(ctx: Ctx, d: Decision, update: Update, reason: string): Promise<DomainError> {
  const { w, now, say, account } = d;
  await voidApprovals(w, update.id, now, reason);
  await changeUpdate(w, update, {
    state: moveUpdate(update.state, 'return'),
    reason,
    hash: null,
    releaseAt: null,
    updatedAt: now,
  });
  await say({
    pageId: update.pageId,
    kind: 'update.voided',
    public: false,
    incidentId: update.incidentId,
    updateId: update.id,
    detail: { reason },
  });
  await account({
    action: 'update.void',
    subjectKind: 'update',
    subjectId: update.id,
    detail: { reason, by: ctx.actor.id },
  });
  return conflict(`${reason} It went back to its author; ask for approval again.`, 'hash');
}

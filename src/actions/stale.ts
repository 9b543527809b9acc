import {
  changeUpdate,
  getUpdate,
  type Incident,
  listPublishedUpdates,
  type Update,
} from '../../db/queries/incidents.ts';
import { listRenditions, voidApprovals } from '../../db/queries/words.ts';
import type { Reader } from '../../db/store.ts';
import { conflict, DomainError } from '../domain/error.ts';
import { moveUpdate } from '../domain/update.ts';
import { newestOf } from '../domain/versions.ts';
import type { Ctx, Decision } from './context.ts';
import { whyFactsDiffer } from './facts/ledger.ts';
import { readPlanned } from './maintenance/planned.ts';
import { approvalHash, listAudience } from './renditions.ts';

/** Why words that were put up for approval are no longer the words that would go out, or undefined when they are. */
export async function whyStale(r: Reader, update: Update, incident: Incident): Promise<string | undefined> {
  const renditions = await listRenditions(r, update.id);
  const planned = await readPlanned(r, update);
  if (approvalHash(incident, update, renditions, planned) !== update.hash)
    return 'The words no longer match what approval was asked for.';
  // Planned words were approved for later: news and changed networks in between are what they were planned with.
  if (update.plannedOf !== null) return undefined;
  if (update.correctsId !== null) {
    const wrong = await getUpdate(r, update.correctsId);
    if (wrong.state !== 'published' && wrong.state !== 'superseded')
      return `These words have been ${wrong.state} by somebody else meanwhile.`;
  }
  const audience = await listAudience(r, update).catch((error: unknown) => {
    // A connection that was named is not there any more, or switched off.
    if (error instanceof DomainError) return [];
    throw error;
  });
  const idsOf = (ids: readonly string[]) => ids.toSorted().join();
  // Whoever subscribes meanwhile changes nothing of what was asked: strangers cannot void an approval.
  const lines = audience.filter((c) => c.role === 'subscribers').map((c) => c.id);
  const accounts = audience.filter((c) => c.role !== 'subscribers').map((c) => c.id);
  const words = renditions.map((x) => x.connectionId).filter((id) => !lines.includes(id));
  if (idsOf(accounts) !== idsOf(words))
    return 'The connected networks have changed since approval was asked for.';
  const newest = (await listPublishedUpdates(r, [update.incidentId])).findLast((u) => !u.heartbeat);
  if (newest && isNewer(newest, update) && (await wouldMove(r, update)))
    return 'A newer update of this incident has been published since approval was asked for.';
  return whyFactsDiffer(r, update);
}

/** By the order in which things were said, not by the clocks: one that jumps back would void what nothing has overtaken. */
const isNewer = (newest: Update, update: Update): boolean =>
  update.requestedSeq === null
    ? (newest.publishedAt ?? 0) > (update.requestedAt ?? 0)
    : (newest.publishedSeq ?? 0) > update.requestedSeq;

/** A correction of what was not the newest even then changes nothing but words, and holds whatever is said after. */
async function wouldMove(r: Reader, update: Update): Promise<boolean> {
  if (update.amends === null) return true;
  const then = (await listPublishedUpdates(r, [update.incidentId])).filter(
    (u) => (u.publishedSeq ?? 0) <= (update.requestedSeq ?? 0),
  );
  return newestOf(then)?.words.id === update.correctsId;
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

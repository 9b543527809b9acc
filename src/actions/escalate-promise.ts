import { insertAlert } from '../../db/queries/alerts.ts';
import {
  changePromise,
  getIncident,
  listOpenPromises,
  listUpdatesInState,
} from '../../db/queries/incidents.ts';
import { nextStep } from '../domain/escalation.ts';
import { type Ctx, decide } from './context.ts';

/**
 * Reminds the house of its promises, step by step, and tells the public honestly when one is late. Each step is told
 * once, whichever node is faster. Returns how many steps were told.
 */
export async function escalatePromises(ctx: Ctx): Promise<number> {
  const r = ctx.store.read;
  const due = (await listOpenPromises(r)).filter((p) => nextStep(p, ctx.now()) !== undefined);
  if (due.length === 0) return 0;
  // Nobody need be hurried whose approved words go out by themselves in time.
  const coming = await listUpdatesInState(r, ['approved']);
  const isSeenTo = (p: { incidentId: string; dueAt: number }) =>
    coming.some((u) => u.incidentId === p.incidentId && u.releaseAt !== null && u.releaseAt <= p.dueAt);
  if (due.every((p) => isSeenTo(p) && p.dueAt > ctx.now())) return 0;
  return decide(ctx, async ({ w, now, say, account }) => {
    let told = 0;
    for (const promise of await listOpenPromises(w)) {
      const step = nextStep(promise, now);
      if (!step || (step.at < 0 && isSeenTo(promise))) continue;
      const incident = await getIncident(w, promise.incidentId);
      await changePromise(w, promise.id, { escalatedTo: step.at });
      const late = step.who === 'public';
      await say({
        pageId: promise.pageId,
        kind: late ? 'promise.late' : 'promise.due',
        public: late,
        incidentId: incident.id,
        updateId: promise.updateId,
        detail: { promiseId: promise.id, step: step.at, who: step.who },
      });
      await insertAlert(w, {
        id: ctx.newId(),
        pageId: promise.pageId,
        kind: 'promise',
        message: `${incident.title}: ${step.words}`,
        raisedAt: now,
        incidentId: incident.id,
        updateId: promise.updateId,
      });
      await account({
        action: 'promise.escalate',
        subjectKind: 'promise',
        subjectId: promise.id,
        detail: { step: step.at, who: step.who },
      });
      told += 1;
    }
    return told;
  });
}

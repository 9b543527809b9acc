import { insertPromise, type Update } from '../../db/queries/incidents.ts';
import type { Ctx, Decision } from './context.ts';

/** Gives the public's word that the next update comes by `dueAt`, ms; made with these words. */
export const makePromise = (ctx: Ctx, { w, now }: Decision, update: Update, dueAt: number): Promise<void> =>
  insertPromise(w, {
    id: ctx.newId(),
    incidentId: update.incidentId,
    pageId: update.pageId,
    updateId: update.id,
    dueAt,
    state: 'open',
    madeAt: now,
    settledAt: null,
    settledBy: null,
    lateMs: null,
    escalatedTo: null,
  });

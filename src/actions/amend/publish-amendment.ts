import { insertAlert } from '../../../db/queries/alerts.ts';
import { markAmended } from '../../../db/queries/amendments.ts';
import type { Connection } from '../../../db/queries/connections.ts';
import { changeDelivery, type Delivery, listDeliveriesOfUpdates } from '../../../db/queries/deliveries.ts';
import {
  changePromise,
  changeUpdate,
  findOpenPromise,
  getUpdate,
  type Incident,
  listPublishedUpdates,
  type Update,
} from '../../../db/queries/incidents.ts';
import type { Rendition } from '../../../db/queries/words.ts';
import { type AmendWay, formOf, rowsOf } from '../../domain/amend.ts';
import { advance } from '../../domain/delivery.ts';
import { REQUEST_MS, rulesOf } from '../../domain/delivery-rules.ts';
import { moveUpdate } from '../../domain/update.ts';
import { newestOf, takesBack } from '../../domain/versions.ts';
import type { Ctx, Decision } from '../context.ts';
import { makePromise } from '../make-promise.ts';
import { listPlaces, wrongVersions } from './places.ts';

/** What a correction does to its incident, beside its words. */
export interface Effect {
  /** It is of the newest words, so that status and components follow it. */
  moves: boolean;
  kind: 'update.published' | 'update.corrected' | 'update.retracted';
}

/** Of words of their own: they always move their incident. */
const OWN: Effect = { moves: true, kind: 'update.published' };

/** What an update that is about to be published does to its incident. */
export async function effectOf({ w }: Decision, update: Update): Promise<Effect> {
  if (update.amends === null || update.correctsId === null) return OWN;
  const newest = newestOf(await listPublishedUpdates(w, [update.incidentId]));
  return {
    moves: newest?.words.id === update.correctsId,
    kind: takesBack(update.amends) ? 'update.retracted' : 'update.corrected',
  };
}

/**
 * Takes the wrong words out of the way, in the transaction that publishes the right ones: the update they were in is
 * marked, what has not left is stopped, and what may still be on its way is told that it must not be sent again.
 */
export async function overtakeWrong(
  ctx: Ctx,
  d: Decision,
  update: Update,
  connections: ReadonlyMap<string, Connection>,
): Promise<void> {
  if (update.amends === null || update.correctsId === null) return;
  const { w, now } = d;
  const versions = await wrongVersions(w, update);
  for (const id of versions) {
    const wrong = await getUpdate(w, id);
    const move = takesBack(update.amends) ? 'retract' : 'correct';
    if (id !== update.correctsId && move === 'correct') continue;
    await changeUpdate(w, wrong, {
      state: moveUpdate(wrong.state, move),
      ...(move === 'retract' ? { reason: update.note } : {}),
      updatedAt: now,
    });
  }
  await markAmended(w, versions, update.id);
  for (const row of await listDeliveriesOfUpdates(w, versions)) {
    const can = connections.get(row.connectionId)?.can;
    if (!can || (row.state !== 'pending' && row.state !== 'manual')) continue;
    const rules = rulesOf(can, REQUEST_MS, row.op);
    const patch = advance(row, { type: 'amended' }, rules, { now, mono: 0, boot: '' });
    await changeDelivery(w, row, {
      ...patch,
      ...(patch.state === 'superseded' ? { doneAt: now } : {}),
      updatedAt: now,
    });
    if (patch.state === 'held') await raiseHeld(ctx, d, row, connections.get(row.connectionId)?.name ?? '');
  }
}

/** Tells whoever is on call: the right words wait on this network until a person has looked for the wrong ones. */
async function raiseHeld(ctx: Ctx, { w, now, say }: Decision, row: Delivery, name: string): Promise<void> {
  const { id: deliveryId, pageId, connectionId } = row;
  await insertAlert(w, {
    id: ctx.newId(),
    pageId,
    kind: 'held',
    connectionId,
    deliveryId,
    message: `A post on ${name} may or may not be there, and its correction waits for it. Somebody must look.`,
    raisedAt: now,
  });
  const detail = { connectionId, deliveryId };
  await say({ pageId, kind: 'alert.held', public: false, incidentId: null, updateId: null, detail });
}

/**
 * The rows of a correction: one a network, which finds out what to do when it is its turn, because only then it is sure
 * what became of the wrong post; and for a person, what to do by hand, at once.
 */
export async function amendRows(
  d: Decision,
  update: Update,
  renditions: readonly Rendition[],
  make: (rendition: Rendition, row: { way: AmendWay; part: number; manual: boolean }) => Delivery,
): Promise<Delivery[]> {
  const places = await listPlaces(d.w, update);
  return places.flatMap(({ connection, fate, byHand }) => {
    const rendition = renditions.find((x) => x.connectionId === connection.id);
    if (!rendition) return [];
    if (!byHand) return [make(rendition, { way: 'wait', part: 0, manual: false })];
    if (fate.is === 'absent' && takesBack(update.amends)) return [];
    const way = fate.is === 'absent' ? 'instead' : 'by_hand';
    return rowsOf(way, fate, formOf(rendition, way).length).map((row) =>
      make(rendition, { way, part: row.part, manual: true }),
    );
  });
}

/**
 * A correction neither keeps the running promise nor breaks it. Only a time that was itself wrong is given up for the
 * right one.
 */
export async function amendPromise(ctx: Ctx, d: Decision, update: Update, incident: Incident): Promise<void> {
  if (update.nextUpdateBy === null) return;
  const { w, now } = d;
  const open = await findOpenPromise(w, incident.id);
  if (open?.dueAt === update.nextUpdateBy) return;
  if (open) await changePromise(w, open.id, { state: 'dropped', settledAt: now, settledBy: update.id });
  await makePromise(ctx, d, update, update.nextUpdateBy);
}

import { type Connection, listConnections } from '../../db/queries/connections.ts';
import {
  changeDelivery,
  type Delivery,
  insertDeliveries,
  listOvertaken,
} from '../../db/queries/deliveries.ts';
import {
  changeIncident,
  changePromise,
  changeUpdate,
  findOpenPromise,
  getIncident,
  getUpdate,
  type Incident,
  type Update,
} from '../../db/queries/incidents.ts';
import { getPage, type Page, setComponentStatuses } from '../../db/queries/pages.ts';
import { freezeRenditions } from '../../db/queries/words.ts';
import { advance, unsent } from '../domain/delivery.ts';
import { rulesOf } from '../domain/delivery-rules.ts';
import { conflict } from '../domain/error.ts';
import { assertMayBecome, firstStatus, isEnded } from '../domain/incident.ts';
import { settle } from '../domain/promise.ts';
import { bringsRating, overrideNext } from '../domain/rating.ts';
import { searchText } from '../domain/search.ts';
import { moveUpdate, ringAnew } from '../domain/update.ts';
import { amendPromise, amendRows, effectOf, overtakeWrong } from './amend/publish-amendment.ts';
import { type Ctx, type Decision, decide } from './context.ts';
import { followPlan, narrowed } from './maintenance/planned.ts';
import { makePromise } from './make-promise.ts';
import { impactWith } from './rating.ts';
import { sendBack, whyStale } from './stale.ts';
import { queueFanout } from './subscribers/fan-out.ts';

/** Publishes an approved update whose release ring has run out. Called by the timer, never by a person's click. */
export async function publishUpdate(ctx: Ctx, updateId: string): Promise<Update> {
  return decide(ctx, async (d) => {
    const update = await getUpdate(d.w, updateId);
    if (update.state !== 'approved')
      throw conflict(`This update is ${update.state}, not waiting for its release.`);
    const releaseAt = ringAnew(update, (await getPage(d.w, update.pageId)).policy.ringMs, d.now);
    if (releaseAt !== undefined && releaseAt > d.now) return changeUpdate(d.w, update, { releaseAt });
    if (releaseAt === undefined && (update.releaseAt ?? 0) > d.now)
      throw conflict('Its release ring is still running.');
    const incident = await getIncident(d.w, update.incidentId);
    // What voids an approval voids it while the ring runs, too.
    const stale = (await whyStale(d.w, update, incident)) ?? whyTooLate(update, d.now);
    if (stale) return { refused: await sendBack(ctx, d, update, stale) };
    return release(ctx, d, update, incident, await getPage(d.w, update.pageId));
  });
}

/** Words that were to go out by themselves and could not: their promise would be broken as it is made. */
const whyTooLate = (update: Update, now: number): string | undefined =>
  update.publishAt !== null && update.nextUpdateBy !== null && update.nextUpdateBy <= now
    ? 'Its time has passed, and so has the time by which it promises the next update.'
    : undefined;

/**
 * The one door to the public. In the caller's transaction: freezes the words, puts them on the page, queues one
 * delivery per connection and part, settles the old promise and makes the new one.
 */
export async function release(
  ctx: Ctx,
  d: Decision,
  update: Update,
  incident: Incident,
  page: Page,
): Promise<Update> {
  const { w, now, say, account } = d;
  const effect = await effectOf(d, update);
  if (effect.moves)
    assertMayBecome(incident.kind, incident.status ?? firstStatus(incident.kind), update.status);
  const renditions = await freezeRenditions(w, update.id, now);
  const components = update.plannedOf === null ? update.components : await narrowed(w, update);
  const changes = await setComponentStatuses(w, page.id, components, {
    at: now,
    incidentId: incident.id,
    updateId: update.id,
    newId: ctx.newId,
  });
  const impact = await impactWith(w, incident, update);
  const seq = await say({
    pageId: page.id,
    kind: effect.kind,
    public: true,
    incidentId: incident.id,
    updateId: update.id,
    detail: { status: update.status, impact, components: changes.map((c) => [c.componentId, c.toStatus]) },
  });
  if (effect.moves)
    await changeIncident(w, incident.id, {
      status: update.status,
      impact,
      ...(bringsRating(update) ? { impactOverride: overrideNext(incident), impactNext: null } : {}),
      publishedAt: incident.publishedAt ?? now,
      monitoringAt: update.status === 'monitoring' ? now : incident.monitoringAt,
      // A postmortem does not move the time at which it was over.
      resolvedAt: isEnded(update.status) ? (incident.resolvedAt ?? now) : null,
      updatedAt: now,
    });
  const connections = new Map((await listConnections(w, page.id)).map((c) => [c.id, c]));
  if (update.amends === null) {
    if (!update.heartbeat) await settlePromise(ctx, d, update, incident);
    await supersedeWaiting(d, incident.id, seq, connections);
  } else {
    await amendPromise(ctx, d, update, incident);
    await overtakeWrong(ctx, d, update, connections);
  }
  await followPlan(ctx, d, update, update.status, incident);
  // Planned words go where they were approved to go; who was switched off since is left out.
  const reached = renditions.filter(
    (r) => update.plannedOf === null || connections.get(r.connectionId)?.enabled === true,
  );
  const isLine = (r: { connectionId: string }) => connections.get(r.connectionId)?.role === 'subscribers';
  const accounts = reached.filter((r) => !isLine(r));
  const rows =
    update.amends === null
      ? accounts.flatMap((r) =>
          r.parts.map((_, part) =>
            newDelivery(ctx, d, update, r, part, seq, connections.get(r.connectionId)?.channel === 'manual'),
          ),
        )
      : await amendRows(d, update, accounts, (r, { part, manual, ...way }) => ({
          ...newDelivery(ctx, d, update, r, part, seq, manual),
          ...way,
        }));
  await insertDeliveries(w, rows);
  // However many subscribers there are, they cost this decision one row.
  if (reached.some(isLine)) await queueFanout(w, update, seq, now);
  const published = await changeUpdate(w, update, {
    state: moveUpdate(update.state, 'publish'),
    publishedAt: now,
    publishedSeq: seq,
    searchText: searchText(incident.title, update),
    releaseAt: null,
    updatedAt: now,
  });
  await account({
    action: 'update.publish',
    subjectKind: 'update',
    subjectId: update.id,
    detail: { seq, hash: update.hash, deliveries: rows.length },
  });
  return published;
}

function newDelivery(
  ctx: Ctx,
  d: Decision,
  update: Update,
  r: { id: string; connectionId: string },
  part: number,
  ord: number,
  manual: boolean,
): Delivery {
  return {
    id: ctx.newId(),
    pageId: update.pageId,
    incidentId: update.incidentId,
    updateId: update.id,
    renditionId: r.id,
    connectionId: r.connectionId,
    op: 'publish',
    part,
    recipient: '',
    targetId: null,
    way: null,
    amendedBy: null,
    priority: 0,
    ord,
    ...unsent(d.now),
    ...(manual && { state: 'manual', reason: 'A person must post this by hand and paste its address.' }),
  };
}

async function settlePromise(ctx: Ctx, d: Decision, update: Update, incident: Incident): Promise<void> {
  const { w, now } = d;
  const open = await findOpenPromise(w, incident.id);
  if (open) {
    const { state, lateMs } = settle(open, now);
    await changePromise(w, open.id, { state, lateMs, settledAt: now, settledBy: update.id });
  }
  if (update.nextUpdateBy !== null) await makePromise(ctx, d, update, update.nextUpdateBy);
}

/**
 * What an older update has not yet sent is not sent any more: people should read the newest words. Programs that
 * want every update get it, and a thread that has begun is finished.
 */
async function supersedeWaiting(
  d: Decision,
  incidentId: string,
  seq: number,
  connections: ReadonlyMap<string, Connection>,
): Promise<void> {
  const waiting = await listOvertaken(d.w, incidentId, seq);
  for (const row of waiting) {
    const can = connections.get(row.connectionId)?.can;
    if (!can || can.everyUpdate || row.part > 0 || row.mayBeThere || row.op !== 'publish') continue;
    // What was said wrong is put right whatever is said next; only where nobody read it is the newest enough.
    if (row.way !== null && row.way !== 'instead') continue;
    for (const part of waiting.filter(
      (x) =>
        x.updateId === row.updateId &&
        x.connectionId === row.connectionId &&
        x.recipient === row.recipient &&
        x.op === row.op &&
        !x.mayBeThere,
    ))
      await changeDelivery(d.w, part, {
        ...advance(part, { type: 'superseded' }, rulesOf(can), { now: d.now, mono: 0, boot: '' }),
        doneAt: d.now,
        updatedAt: d.now,
      });
  }
}

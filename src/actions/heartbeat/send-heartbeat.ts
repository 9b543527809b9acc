import {
  findOpenPromise,
  getIncident,
  insertUpdate,
  listOpenPromises,
  listPublishedUpdates,
  type Update,
} from '../../../db/queries/incidents.ts';
import { getPage } from '../../../db/queries/pages.ts';
import type { Reader } from '../../../db/store.ts';
import { DomainError } from '../../domain/error.ts';
import { handsOf } from '../../domain/hands.ts';
import { assertMayBeat, beatInto } from '../../domain/heartbeat.ts';
import { isLate } from '../../domain/promise.ts';
import { unasked } from '../../domain/update.ts';
import { newestOf } from '../../domain/versions.ts';
import { clockZone } from '../../templates/format.ts';
import { type Ctx, decide, mustBe } from '../context.ts';
import { each } from '../each.ts';
import { release } from '../publish-update.ts';

/** What would be said, or why nothing may be. Throws `conflict`. */
async function plan(r: Reader, incidentId: string, now: number) {
  const incident = await getIncident(r, incidentId);
  const page = await getPage(r, incident.pageId);
  const said = await listPublishedUpdates(r, [incidentId]);
  // What stands now, and not what was put right last: that may be something said long before. Of words that were all
  // taken back only the retraction is left, which says nothing.
  const last = newestOf(said)?.words ?? said.findLast((u) => !u.heartbeat);
  const q = {
    heartbeat: page.settings.heartbeat,
    promise: await findOpenPromise(r, incidentId),
    beatBefore: said.at(-1)?.heartbeat === true,
    saidBefore: last !== undefined,
    now,
  };
  assertMayBeat(q);
  const { heartbeat } = q;
  const next = Math.ceil((now + heartbeat.minutes * 60_000) / 60_000) * 60_000;
  const place = { language: last?.language ?? 'en', timeZone: page.timeZone };
  return {
    incident,
    page,
    last: last as Update,
    next,
    beat: heartbeat.words.replaceAll('{next}', clockZone(next, place)),
  };
}

/** The sentence that would go out now, or null. */
export async function proposedBeat(r: Reader, incidentId: string, now: number): Promise<string | null> {
  try {
    return (await plan(r, incidentId, now)).beat;
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
}

/**
 * Says on the page, and nowhere else, that we are late and still working: words that another person cleared in
 * peacetime, so no yes is needed now. The promise stays late until real words settle it.
 */
export async function sendHeartbeat(ctx: Ctx, incidentId: string): Promise<Update> {
  mustBe(ctx.actor, ['author', 'approver'], 'draft');
  return decide(ctx, async (d) => {
    const { w, now } = d;
    const { incident, page, last, next, beat } = await plan(w, incidentId, now);
    const { id: _, ...rest } = last;
    const update: Update = {
      ...rest,
      ...unasked(now),
      id: ctx.newId(),
      ...beatInto(last.blocks, last.body, beat),
      state: 'approved',
      class: 'A',
      status: incident.status ?? last.status,
      nextUpdateBy: next,
      components: {},
      connectionIds: [],
      overrides: {},
      authorIds: handsOf(ctx.actor),
      heartbeat: true,
      approvedAt: now,
    };
    await insertUpdate(w, update);
    await d.account({
      action: 'heartbeat.send',
      subjectKind: 'update',
      subjectId: update.id,
      detail: { incidentId, words: beat },
    });
    return release(ctx, d, update, incident, page);
  });
}

/**
 * Sends the heartbeats that were cleared to go by themselves. Only where somebody owns the incident: "still working" is
 * true then.
 */
export async function beatDueHearts(ctx: Ctx): Promise<void> {
  const r = ctx.store.read;
  const late = (await listOpenPromises(r)).filter((promise) => isLate(promise, ctx.now()));
  await each(late, async ({ pageId, incidentId }) => {
    const { heartbeat } = (await getPage(r, pageId)).settings;
    if (!heartbeat?.auto || heartbeat.clearedBy === null) return;
    if ((await getIncident(r, incidentId)).ownerId === null) return;
    if ((await proposedBeat(r, incidentId, ctx.now())) === null) return;
    await sendHeartbeat(ctx, incidentId);
  });
}

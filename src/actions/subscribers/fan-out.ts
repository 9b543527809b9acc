import { type Connection, listConnections } from '../../../db/queries/connections.ts';
import type { Delivery } from '../../../db/queries/deliveries.ts';
import {
  type Fanout,
  findBatchEnd,
  findOpenFanout,
  insertFanout,
  moveFanout,
  queueBatch,
  supersedeBatch,
} from '../../../db/queries/fan-out.ts';
import { getUpdate, listPublishedUpdates, type Update } from '../../../db/queries/incidents.ts';
import { listRenditions, type Rendition } from '../../../db/queries/words.ts';
import type { Reader, Writer } from '../../../db/store.ts';
import { unsent } from '../../domain/delivery.ts';
import { lineFor, SUBSCRIBER_KINDS, type SubscriberKind } from '../../domain/subscriber.ts';
import type { Ctx } from '../context.ts';
import { callsOf } from './calls.ts';

/** Subscribers in one transaction: few enough that an incident's own posts never wait for it. */
const BATCH = 1_000;
/** After everything that speaks to the public. */
const PRIORITY = 5;

/** Writes down, with the publication, that this update is to be handed to everybody who asked. */
export const queueFanout = (w: Writer, update: Update, seq: number, now: number): Promise<void> =>
  insertFanout(w, {
    updateId: update.id,
    pageId: update.pageId,
    incidentId: update.incidentId,
    ord: seq,
    step: 0,
    cursor: '',
    calls: null,
    queued: 0,
    createdAt: now,
    doneAt: null,
  });

/** One kind of subscriber, the words for them, and what part of the update they get. */
interface Step {
  kind: SubscriberKind;
  line: Connection;
  words: Rendition[];
  part: number;
  /** Ids of which a subscriber must want one. */
  targets: readonly string[];
}

/**
 * Hands the oldest waiting update to the next batch of subscribers, as deliveries. The position is kept with them, so
 * that a crash repeats nothing and leaves nobody out. False when nothing waits.
 */
export async function expandNext(ctx: Pick<Ctx, 'store' | 'now'>, batch = BATCH): Promise<boolean> {
  if (!(await findOpenFanout(ctx.store.read))) return false;
  await ctx.store.transact(
    async (w) => {
      const now = ctx.now();
      const open = await findOpenFanout(w);
      if (!open) return;
      const update = await getUpdate(w, open.updateId);
      const fanout = open.calls === null ? { ...open, calls: await callsOf(w, update) } : open;
      const steps = await stepsOf(w, update, fanout);
      const step = steps[open.step];
      await moveFanout(w, open, {
        calls: fanout.calls,
        ...(step ? await takeStep(w, fanout, step, isWrong(update), batch, now) : { doneAt: now }),
      });
    },
    { appends: false },
  );
  return true;
}

const isWrong = (update: Update): boolean => update.state === 'corrected' || update.state === 'retracted';

async function takeStep(
  w: Writer,
  f: Fanout,
  step: Step,
  wrong: boolean,
  batch: number,
  now: number,
): Promise<Partial<Fanout>> {
  const { line, kind, words, part } = step;
  if (!line.can.everyUpdate) {
    const patch = {
      state: 'superseded',
      reason: 'A newer update said more before this one could leave.',
      doneAt: now,
      updatedAt: now,
    } as const;
    const of = { incidentId: f.incidentId, connectionId: line.id, ord: f.ord };
    if ((await supersedeBatch(w, of, patch, batch)) === batch) return {};
  }
  const next = { step: f.step + 1, cursor: '' };
  // Whoever has not read the wrong words yet hears of them with the right ones; programs get all there was.
  if (wrong && !line.can.everyUpdate) return next;
  const main = words.find((x) => x.language === line.language) ?? words[0];
  if (!main) return next;
  const upTo = await findBatchEnd(w, f.pageId, kind, f.cursor, batch);
  if (upTo === undefined) return next;
  const queued = await queueBatch(w, newRow(f, line, part, now), {
    pageId: f.pageId,
    kind,
    after: f.cursor,
    upTo,
    targets: step.targets,
    words: words.filter((x) => x.id !== main.id).map((x) => ({ language: x.language, renditionId: x.id })),
    otherwise: main.id,
  });
  return { cursor: upTo, queued: f.queued + queued };
}

/** In an order that stays the same as long as the fan-out is open. */
async function stepsOf(r: Reader, update: Update, f: Fanout): Promise<Step[]> {
  const renditions = await listRenditions(r, update.id);
  const connections = await listConnections(r, f.pageId);
  const touched = await touchedBy(r, update);
  // A report on what is over is for those who follow the service, not for those who followed the incident to its end.
  const targets = update.status === 'postmortem' ? touched : [f.incidentId, ...touched];
  return SUBSCRIBER_KINDS.flatMap((kind): Step[] => {
    const line = lineFor(connections, kind);
    const words = renditions.filter((x) => x.connectionId === line?.id);
    if (!line || words.length === 0) return [];
    if (kind !== 'webhook') return [{ kind, line, words, part: 0, targets }];
    return (f.calls ?? []).map((call, part) => ({
      kind,
      line,
      words,
      part,
      targets: call.componentId === null ? targets : [call.componentId],
    }));
  });
}

/** Every component that the incident has touched so far: whoever heard of its beginning hears of its end. */
async function touchedBy(r: Reader, update: Update): Promise<string[]> {
  const said = await listPublishedUpdates(r, [update.incidentId]);
  const upToNow = said.filter((u) => (u.publishedSeq ?? 0) <= (update.publishedSeq ?? 0));
  return [...new Set([update, ...upToNow].flatMap((u) => Object.keys(u.components)))];
}

const newRow = (
  f: Fanout,
  line: Connection,
  part: number,
  now: number,
): Omit<Delivery, 'id' | 'recipient' | 'renditionId'> => ({
  pageId: f.pageId,
  incidentId: f.incidentId,
  updateId: f.updateId,
  connectionId: line.id,
  op: 'publish',
  part,
  targetId: null,
  way: null,
  amendedBy: null,
  priority: PRIORITY,
  ord: f.ord,
  ...unsent(now),
});

import {
  getConnection,
  listDueChecks,
  releaseLane,
  releaseLanesOf,
  takeLane,
} from '../../db/queries/connections.ts';
import { listDueConnections, listHolders, listLost } from '../../db/queries/due.ts';
import { setInstallation } from '../../db/queries/installation.ts';
import { LEASE_MS } from '../domain/delivery-times.ts';
import { DomainError } from '../domain/error.ts';
import { sendAlerts } from './alarm.ts';
import { lookNext } from './look.ts';
import type { OutboxParts } from './parts.ts';
import { checkReadiness } from './readiness.ts';
import { recordLost } from './record.ts';
import { sendNext } from './send.ts';

/** How often to look for work when nobody said there is some, ms. */
const BEAT_MS = 500;
/** While accounts are being worked, every record of theirs hints at work for others: how often to believe it, ms. */
const HINT_MS = 10;
/** How often to look for runs that died with work in their hands, ms. */
const SWEEP_MS = 2_000;

export interface Outbox {
  /** Looks for work now. */
  kick(): void;
  /** Resolves when no lane is working and nothing is due. For tests and the demo. */
  idle(): Promise<void>;
  /** Takes no new work, waits for what is on its way, at most `graceMs`. */
  close(graceMs?: number): Promise<void>;
}

/** One account serial, all accounts parallel: a lane a connection, and none waits for another. */
export function openOutbox(parts: OutboxParts): Outbox {
  const lanes = new Map<string, Promise<void>>();
  /** Accounts for which a beat found work while their lane was busy: it may have looked already and seen none. */
  const asked = new Set<string>();
  let closed = false;
  let beating: Promise<void> | undefined;
  let hinted: NodeJS.Timeout | undefined;
  let again = false;
  let swept = Number.NEGATIVE_INFINITY;
  /** Lanes this run holds, and when (monotonic) each must be renewed. They are kept between sends: taking one costs a write. */
  const held = new Map<string, number>();
  const waiters: (() => void)[] = [];
  let alarming: Promise<void> | undefined;

  function rest(): void {
    if (lanes.size === 0 && !beating && !hinted) for (const done of waiters.splice(0)) done();
  }

  async function beat(): Promise<void> {
    try {
      do {
        again = false;
        const { mono } = parts.tick();
        if (mono - swept >= SWEEP_MS) {
          swept = mono;
          await sweep(parts);
          await heartbeat(parts);
        }
        alarm();
        const { now } = parts.tick();
        for (const id of await listDueConnections(parts.store.read, now)) start(id);
        for (const id of await listDueChecks(parts.store.read, now)) if (!lanes.has(id)) start(id);
      } while (again && !closed);
    } catch (error) {
      if (!(error instanceof DomainError && error.code === 'unavailable')) parts.report(error, 'outbox beat');
    }
  }

  /** Alerts go beside the lanes: a network that hangs must not keep a person from hearing of it. */
  function alarm(): void {
    alarming ??= sendAlerts(parts)
      .catch((error: unknown) => {
        if (!(error instanceof DomainError && error.code === 'unavailable')) parts.report(error, 'alerts');
      })
      .finally(() => {
        alarming = undefined;
      });
  }

  function start(connectionId: string): void {
    if (closed) return;
    if (lanes.has(connectionId)) {
      asked.add(connectionId);
      return;
    }
    const lane = runLane(parts, connectionId, held, () => closed)
      .catch((error: unknown) => {
        if (!(error instanceof DomainError && error.code === 'unavailable'))
          parts.report(error, `lane ${connectionId}`);
        return false;
      })
      .then((worked) => {
        lanes.delete(connectionId);
        // Something may have become due while the lane was putting its things away. Only this lane is run again for
        // it: two accounts with work that must wait would otherwise wake each other for ever.
        if (asked.delete(connectionId)) start(connectionId);
        if (worked) kick();
        else rest();
      });
    lanes.set(connectionId, lane);
  }

  /** Somebody committed something. At rest that is worth a look at once; while lanes are working, soon is enough. */
  function hint(): void {
    if (lanes.size === 0) kick();
    else hinted ??= setTimeout(kick, HINT_MS);
  }

  function kick(): void {
    clearTimeout(hinted);
    hinted = undefined;
    if (closed) rest();
    else if (beating) again = true;
    else
      beating = beat().then(() => {
        beating = undefined;
        if (again) kick();
        else rest();
      });
  }
  const unhint = parts.store.onHint(hint);
  const timer = setInterval(kick, BEAT_MS);
  kick();

  return {
    kick,
    idle: () =>
      new Promise<void>((done) => {
        waiters.push(done);
        kick();
      }),
    async close(graceMs = 8_000) {
      closed = true;
      unhint();
      clearInterval(timer);
      clearTimeout(hinted);
      let late: NodeJS.Timeout | undefined;
      const grace = new Promise<void>((done) => {
        late = setTimeout(done, graceMs);
      });
      await Promise.race([Promise.allSettled([beating, alarming, ...lanes.values()]), grace]);
      clearTimeout(late);
      // Whoever comes next need not wait for our leases to run out; a lane that is still busy keeps its own.
      const { boot } = parts.tick();
      const idle = [...held.keys()].filter((id) => !lanes.has(id));
      await parts.store
        .transact(
          async (w) => {
            for (const id of idle) await releaseLane(w, id, boot);
          },
          { appends: false },
        )
        .catch(() => undefined);
    },
  };
}

/** Works one account until nothing is due. Returns whether it did anything. */
async function runLane(
  parts: OutboxParts,
  connectionId: string,
  held: Map<string, number>,
  stopped: () => boolean,
): Promise<boolean> {
  let worked = false;
  while (!stopped()) {
    const { now, mono } = parts.tick();
    if (mono >= (held.get(connectionId) ?? Number.NEGATIVE_INFINITY)) {
      if (!(await enter(parts, connectionId, now))) return worked;
      held.set(connectionId, mono + LEASE_MS / 4);
    }
    const mine = () => !stopped() && parts.tick().mono < (held.get(connectionId) ?? Number.NEGATIVE_INFINITY);
    const sent = await sendNext(parts, connectionId, mine);
    if (stopped()) break;
    const looked = await lookNext(parts, connectionId);
    if (stopped()) break;
    const checked = !sent && !looked && (await checkReadiness(parts, connectionId));
    if (!sent && !looked && !checked) {
      // Due, and yet nothing was ours to do: somebody may have taken the lane while we slept.
      if (!worked) held.delete(connectionId);
      break;
    }
    worked = true;
  }
  return worked;
}

/** Takes the lane and puts right what an earlier holder left in the middle. */
function enter(parts: OutboxParts, connectionId: string, now: number): Promise<boolean> {
  return parts.store.transact(async (w) => {
    if (!(await takeLane(w, connectionId, parts.tick().boot, now, LEASE_MS))) return false;
    const lost = await listLost(w, { connectionId, now });
    if (lost.length > 0) {
      const connection = await getConnection(w, connectionId);
      for (const row of lost) await recordLost(parts, w, row, connection);
    }
    return true;
  });
}

/**
 * Leaves a sign of life in the database by the same way that every delivery goes. Whoever serves pages can tell from
 * it that nobody sends, even when this process is another one, or hangs.
 */
async function heartbeat(parts: OutboxParts): Promise<void> {
  const { now } = parts.tick();
  await parts.store.transact((w) => setInstallation(w, 'heartbeat', String(now), now), { appends: false });
}

/** Takes over, at once, from runs that are surely gone. */
async function sweep(parts: OutboxParts): Promise<void> {
  const { boot } = parts.tick();
  for (const holder of await listHolders(parts.store.read)) {
    if (holder === boot || !(await parts.store.isGone(holder))) continue;
    await parts.store.transact(async (w) => {
      await releaseLanesOf(w, holder);
      for (const row of await listLost(w, { holder }))
        await recordLost(parts, w, row, await getConnection(w, row.connectionId));
    });
  }
}

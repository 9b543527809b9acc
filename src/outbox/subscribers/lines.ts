import { setTimeout as after } from 'node:timers/promises';
import { getConnection, releaseLane, takeLane } from '../../../db/queries/connections.ts';
import { listLost } from '../../../db/queries/due.ts';
import { listDueLines } from '../../../db/queries/lines.ts';
import { LEASE_MS } from '../../domain/delivery-times.ts';
import { DomainError } from '../../domain/error.ts';
import { openRounds } from '../../domain/rounds.ts';
import { isSlow } from '../../domain/subscriber.ts';
import { withDeadline } from '../parts.ts';
import { failureOf, recordLost } from '../record.ts';
import { sendLetters } from './letters.ts';
import type { LineParts, Outgoing } from './parts.ts';
import { openShelf } from './shelf.ts';
import type { Room } from './take.ts';
import { type Ended, takeTurn } from './turn.ts';

/** How often to look for work when nobody said there is some, ms. */
const BEAT_MS = 500;
/**
 * Messages on their way at once on one line. A crash sends again at most these: each is written down before its first
 * byte, and none is taken before there is room for it.
 */
const AT_ONCE = 10;
/** Of these, at most so many to addresses that have not answered in time again and again. */
const SLOW_AT_ONCE = 3;
/** How long what has ended waits for others to be written down with, ms. */
const GATHER_MS = 20;

export interface Lines {
  kick(): void;
  /** Resolves when no line is working and nothing is due. For tests and benches. */
  idle(): Promise<void>;
  close(graceMs?: number): Promise<void>;
}

/**
 * Speaks to subscribers, one by one, on a line for each kind. Beside the lanes of the networks and never in them: a
 * hundred thousand mails keep no post waiting. What was sent is written down for several at a time, in the transaction
 * that takes the next ones.
 */
export function openLines(parts: LineParts): Lines {
  const lines = new Map<string, { work: Promise<void>; poke(): void }>();
  let closed = false;
  const writing = new Map<'account' | 'address', Promise<void>>();
  const waiters: (() => void)[] = [];

  const tolerate = (where: string) => (error: unknown) => {
    if (!(error instanceof DomainError && error.code === 'unavailable')) parts.report(error, where);
  };

  async function beat(): Promise<void> {
    if (closed) return;
    write('account');
    write('address');
    for (const id of await listDueLines(parts.store.read, parts.tick().now)) start(id);
  }

  function write(by: 'account' | 'address'): void {
    if (writing.has(by)) return;
    const work = sendLetters(parts, by)
      .catch(tolerate('letters'))
      .finally(() => {
        writing.delete(by);
        rest();
      });
    writing.set(by, work);
  }

  function start(id: string): void {
    if (closed) return;
    const busy = lines.get(id);
    if (busy) {
      busy.poke();
      return;
    }
    const line = openLine(parts, id, () => closed);
    const work = line
      .run()
      .catch((error: unknown) => {
        tolerate(`line ${id}`)(error);
        return false;
      })
      .then((worked) => {
        lines.delete(id);
        if (worked) kick();
        else rest();
      });
    lines.set(id, { work, poke: line.poke });
  }

  function rest(): void {
    if (lines.size === 0 && !rounds.busy() && writing.size === 0)
      for (const done of waiters.splice(0)) done();
  }

  const rounds = openRounds(() => beat().catch(tolerate('lines')));
  function kick(): void {
    if (closed) {
      rest();
      return;
    }
    void rounds.ask().then(rest);
  }
  const unhint = parts.store.onHint(kick);
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
      const late = new AbortController();
      await Promise.race([
        Promise.allSettled([
          rounds.rest(),
          ...writing.values(),
          ...[...lines.values()].map((line) => line.work),
        ]),
        after(graceMs, undefined, { signal: late.signal }).catch(() => undefined),
      ]);
      late.abort();
    },
  };
}

/**
 * Works one line until nothing is due and everything on its way has ended; `run` returns whether it did anything. `poke`
 * says that there is more: where there is room, it does not wait for answers to what is on its way.
 */
function openLine(
  parts: LineParts,
  id: string,
  stopped: () => boolean,
): { run(): Promise<boolean>; poke(): void } {
  const underWay = new Set<Outgoing>();
  const ended: Ended[] = [];
  const shelf = openShelf();
  let wake: () => void = () => undefined;
  /** There was room for more than was due. */
  let hungry = false;
  let poked = false;

  /** Until some have ended: several share one flush to disk, but nobody waits long for the others. */
  async function gather(): Promise<void> {
    let late: NodeJS.Timeout | undefined;
    let over = false;
    while (underWay.size > 0 && ended.length < AT_ONCE / 2 && !over && !(hungry && poked)) {
      const more = new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (ended.length > 0)
        late ??= setTimeout(() => {
          over = true;
          wake();
        }, GATHER_MS);
      await more;
    }
    clearTimeout(late);
  }

  function send(out: Outgoing): void {
    underWay.add(out);
    void attempt(parts, out).then((end) => {
      underWay.delete(out);
      ended.push(end);
      wake();
    });
  }

  /** Places that are free now. */
  function room(): Room {
    const all = stopped() ? 0 : AT_ONCE - underWay.size;
    const slow = [...underWay].filter((out) => isSlow(out.subscriber)).length;
    return { all, slow: Math.max(0, Math.min(all, SLOW_AT_ONCE - slow)) };
  }

  async function work(): Promise<boolean> {
    let renewAt = parts.tick().mono + LEASE_MS / 4;
    let worked = false;
    for (;;) {
      if (parts.tick().mono >= renewAt) {
        // Another process has it: what is under way ends, and nothing new begins.
        if (!(await enter(parts, id))) return worked;
        renewAt = parts.tick().mono + LEASE_MS / 4;
      }
      const done = ended.splice(0);
      const free = room();
      poked = false;
      const taken = await takeTurn(parts, id, shelf, done, free);
      hungry = taken.length < free.all;
      parts.failpoint('after_line_turn');
      for (const out of taken) send(out);
      worked ||= taken.length > 0 || done.length > 0;
      if (underWay.size === 0 && ended.length === 0) return worked;
      await gather();
    }
  }

  return {
    poke() {
      poked = true;
      wake();
    },
    async run() {
      if (!(await enter(parts, id))) return false;
      try {
        return await work();
      } finally {
        const { boot } = parts.tick();
        await parts.store
          .transact((w) => releaseLane(w, id, boot), { appends: false })
          .catch(() => undefined);
      }
    },
  };
}

/** Takes or renews the line, and puts right what an earlier holder left in the middle. */
async function enter(parts: LineParts, id: string): Promise<boolean> {
  const { boot, now } = parts.tick();
  const lost = await listLost(parts.store.read, { connectionId: id, now });
  return parts.store.transact(
    async (w) => {
      if (!(await takeLane(w, id, boot, now, LEASE_MS))) return false;
      if (lost.length === 0) return true;
      const line = await getConnection(w, id);
      for (const row of await listLost(w, { connectionId: id, now })) await recordLost(parts, w, row, line);
      return true;
    },
    { appends: lost.length > 0 },
  );
}

async function attempt(parts: LineParts, out: Outgoing): Promise<Ended> {
  const startedAt = parts.tick().now;
  let deadline: AbortSignal | undefined;
  try {
    const { channel, draft } = await parts.recipients.address(out);
    await withDeadline(parts.requestMs, (signal) => {
      deadline = signal;
      return channel.publish(draft, out.key, signal);
    });
    return { out, startedAt, failure: undefined, late: false };
  } catch (error) {
    return { out, startedAt, failure: failureOf(error), late: deadline?.aborted === true };
  }
}

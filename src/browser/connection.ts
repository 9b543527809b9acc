/**
 * How an open page stays current, as a function of values: which way it listens, what each frame means, when to try
 * again, and which word it may put beside the clock. No DOM and no clock, so that every turn of it can be tested.
 */

/** Ways to listen, best first. The last asks for the page itself, which any mirror can answer. */
export const RUNGS = ['socket', 'events', 'poll', 'page'] as const;
export type Rung = (typeof RUNGS)[number];

/** What the server sends. `html` maps element ids to what replaces them. */
export type Frame =
  | { type: 'hello'; seq: number; epoch?: string; serverTime: number; copyOf?: number }
  | { type: 'beat'; serverTime: number; copyOf?: number }
  | { type: 'event'; seq: number; at: number; kind: string; html: Record<string, string> }
  | { type: 'state'; seq: number; epoch?: string; html: Record<string, string>; serverTime?: number };

export interface Connection {
  rung: Rung;
  open: boolean;
  /** Losses in a row on this rung, without a frame between them. */
  failures: number;
  /** Rungs that have carried a frame in this visit. */
  worked: Partial<Record<Rung, boolean>>;
  /** Good answers in a row from polling, after which better ways are tried again. */
  answers: number;
  /** The newest event these words contain. */
  seq: number;
  /** The log that `seq` counts in; empty when the page does not say. */
  epoch: string;
  /** The server's own words are a copy since then, server time; null while they are the newest. */
  copyOf: number | null;
  startedAt: number;
  /** Local time at which the present line was asked for; null while there is none. */
  dialedAt: number | null;
  /** Local time of the last frame; null before the first. */
  heardAt: number | null;
  /** Server time at which these words were last known to be the newest. */
  knownAt: number;
  /** Server clock minus local clock, ms. */
  offset: number;
}

/** Silence after which words are no longer called live. Three beats of 15 s. */
export const SILENCE_MS = 45_000;
const POLL_MS = 30_000;
const LONGEST_MS = 30_000;

export const begin = (seq: number, renderedAt: number, now: number, epoch = ''): Connection => ({
  rung: 'socket',
  open: false,
  failures: 0,
  worked: {},
  answers: 0,
  seq,
  epoch,
  copyOf: null,
  startedAt: now,
  dialedAt: null,
  heardAt: null,
  knownAt: renderedAt,
  // Until the server says, ours is the best clock we have; but it cannot be earlier than the page was made.
  offset: Math.max(0, renderedAt - now),
});

export const serverNow = (c: Connection, now: number): number => now + c.offset;

/** What a frame asks of the page: put these fragments in, fetch the page anew, or nothing. */
export type Step = { html: Record<string, string> } | 'refetch' | undefined;

/**
 * Takes in a frame. Frames whose `seq` we already have are signs of life and nothing more, so a replay after a
 * reconnect shows nothing twice.
 */
export function hear(c: Connection, frame: Frame, now: number): [Connection, Step] {
  const offset = 'serverTime' in frame && frame.serverTime ? frame.serverTime - now : c.offset;
  const polled = c.rung === 'poll' || c.rung === 'page';
  const next: Connection = {
    ...c,
    open: true,
    failures: 0,
    worked: { ...c.worked, [c.rung]: true },
    answers: polled ? c.answers + 1 : 0,
    heardAt: now,
    copyOf: ('copyOf' in frame ? frame.copyOf : undefined) ?? null,
    // A page from a mirror vouches for the instant it was made, not for now; so does a server that reads no more.
    knownAt:
      'copyOf' in frame && frame.copyOf !== undefined
        ? frame.copyOf
        : c.rung === 'page'
          ? c.knownAt
          : now + offset,
    offset,
  };
  const epoch = 'epoch' in frame ? frame.epoch : undefined;
  // Another log, such as a restored one: its numbers mean nothing here, so all of it is taken anew.
  if (epoch !== undefined && c.epoch !== '' && epoch !== c.epoch) {
    const anew = { ...next, epoch, seq: frame.type === 'state' ? frame.seq : -1 };
    return [anew, frame.type === 'state' ? { html: frame.html } : undefined];
  }
  // A server that knows less than we do was put back to an older day; its page is the truth.
  if (frame.type === 'hello') return [next, frame.seq < c.seq ? 'refetch' : undefined];
  if (frame.type === 'beat' || frame.seq <= c.seq) return [next, undefined];
  return [{ ...next, seq: frame.seq }, { html: frame.html }];
}

/** A line has been asked for. */
export const dial = (c: Connection, now: number): Connection => ({ ...c, dialedAt: now });

/**
 * A rung that broke. One that never worked is left at once, because some networks let no socket through; one that did
 * is tried three times more.
 */
export function lose(c: Connection): Connection {
  const failures = c.failures + 1;
  const spent = failures > (c.worked[c.rung] ? 3 : 0);
  const below = RUNGS[RUNGS.indexOf(c.rung) + 1];
  const down = { ...c, open: false, dialedAt: null };
  return spent && below ? { ...down, rung: below, failures: 0, answers: 0 } : { ...down, failures };
}

/** After a while of good answers on a lower rung, or when the network comes back, the best way is tried again. */
export function climb(c: Connection, atOnce = false): Connection {
  const enough = c.answers >= (c.worked.socket ? 1 : 60);
  return c.rung !== 'socket' && (atOnce || enough)
    ? { ...c, rung: 'socket', open: false, failures: 0, answers: 0 }
    : c;
}

/** How long to wait before listening again, ms. `random` is 0 to 1: many pages that fell together come back apart. */
export function waitFor(c: Connection, random: number): number {
  if (c.open) return POLL_MS + random * 10_000;
  const widest = Math.min(LONGEST_MS, 5_000 * 2 ** Math.max(0, c.failures - 1));
  return c.rung === 'page' && c.failures > 0 ? POLL_MS + random * 10_000 : random * widest;
}

/** Whether a line has been silent too long to be believed, from its first second on. */
export const isSilent = (c: Connection, now: number): boolean =>
  c.dialedAt !== null && now - Math.max(c.dialedAt, c.heardAt ?? 0) >= SILENCE_MS;

/**
 * The word beside the clock. `starting` leaves what the server printed, for the few seconds a first connection takes;
 * after that, words that nobody vouched for in 45 seconds are a copy.
 */
export function freshness(c: Connection, now: number): 'starting' | 'live' | 'reconnecting' | 'copy' {
  if (c.heardAt === null) return now - c.startedAt < 10_000 ? 'starting' : 'copy';
  if (now - c.heardAt >= SILENCE_MS || c.rung === 'page' || c.copyOf !== null) return 'copy';
  return c.open ? 'live' : 'reconnecting';
}

import type { EventRow } from '../../db/queries/log.ts';
import { renderChanges, renderFragments } from '../templates/page.ts';
import type { PageView } from '../templates/views.ts';
import { type Framed, frame, type LogEntry, type Message } from './frame.ts';

/** How many of its newest public events a page remembers for those who come back. */
export const REMEMBERED = 300;

/** The newest public events of one page, the same for all its languages. */
export interface PageLog {
  /** Names the log, so that a cursor of another one is known as such; changes when a backup is restored. */
  epoch: string;
  /** Newest public event; 0 before the first. */
  seq: number;
  /** Oldest first. `ends` marks the last of a batch: the words as they stood then were shown to somebody. */
  entries: (LogEntry & { ends: boolean })[];
  /** Everything after this seq is in `entries`. */
  floor: number;
  /** From this seq on we know which fragments changed. */
  since: number;
  /** No other node draws this page: whoever has everything up to a seq has the words that we showed then. */
  alone: boolean;
}

/** Starts from what the log already had, so that a page opened before a restart goes on without a gap. */
export function buildPageLog(
  known: readonly EventRow[],
  complete: boolean,
  epoch = '',
  alone = true,
): PageLog {
  const seq = known.at(-1)?.seq ?? 0;
  const entries = known.map(({ seq, kind, at }) => ({ seq, kind, at, ends: false }));
  return { epoch, seq, entries, floor: complete ? 0 : (known[0]?.seq ?? 0), since: seq, alone };
}

export function remember(log: PageLog, fresh: readonly EventRow[]): LogEntry[] {
  const added = fresh.map(({ seq, kind, at }) => ({ seq, kind, at }));
  log.entries.push(...added.map((e, i) => ({ ...e, ends: i === added.length - 1 })));
  log.seq = added.at(-1)?.seq ?? log.seq;
  const over = log.entries.length - REMEMBERED;
  if (over > 0) {
    log.floor = log.entries[over - 1]!.seq;
    log.entries.splice(0, over);
  }
  return added;
}

/** One page in one language, as open pages follow it. */
export interface Topic {
  readonly log: PageLog;
  /** The words as they are now. */
  view: PageView;
  /** The words as the last frame left them. */
  sent: PageView;
  /** Set when time alone changed what stands where: the next frame then carries the whole of `main`. */
  moved: boolean;
  /** Fragment to the seq that last changed it. */
  changed: Map<string, number>;
  /** Seq that last replaced the whole of `main`. */
  wholeAt: number;
  /** What comers after each seq get, made once each until the next event. */
  ready: Map<number, Framed>;
}

export const buildTopic = (log: PageLog, view: PageView): Topic => ({
  log,
  view,
  sent: view,
  moved: false,
  changed: new Map(),
  wholeAt: 0,
  ready: new Map(),
});

/** The same words as if they were drawn at another instant, so that only what they say is compared. */
const redated = (view: PageView, at: PageView): PageView => ({
  ...view,
  renderedAt: at.renderedAt,
  copyOf: at.copyOf,
});

/** Takes in words that no event changed: the clock moved on, or a copy was marked as one. */
export function refresh(topic: Topic, view: PageView): void {
  topic.view = view;
  topic.ready.clear();
  if (!topic.moved && Object.keys(renderChanges(redated(topic.sent, view), view)).length > 0)
    topic.moved = true;
}

/** Takes in the words after a batch of events. Returns the one frame that brings every open page there. */
export function advance(topic: Topic, added: readonly LogEntry[], view: PageView): Framed {
  const html = renderChanges(topic.moved ? null : redated(topic.sent, view), view);
  const last = added.at(-1)!;
  if ('main' in html) topic.wholeAt = last.seq;
  for (const id of Object.keys(html)) topic.changed.set(id, last.seq);
  topic.view = view;
  topic.sent = view;
  topic.moved = false;
  topic.ready.clear();
  return frame({ type: 'event', ...last, log: added, html });
}

/**
 * What somebody who has everything up to `after` still needs, in one frame: the log entries since then and the
 * fragments they changed. A cursor that is too old, or not of this log, gets the state. Nothing when nothing is missing.
 */
export function catchUp(topic: Topic, after: number): Framed | undefined {
  const { log } = topic;
  if (after === log.seq) return undefined;
  const known = after >= log.floor && after < log.seq;
  const key = known ? after : -1;
  const ready = topic.ready.get(key);
  if (ready) return ready;
  const made = frame(
    known ? since(topic, after) : { type: 'state', seq: log.seq, epoch: log.epoch, html: whole(topic) },
  );
  topic.ready.set(key, made);
  return made;
}

const whole = (topic: Topic) => renderChanges(null, topic.view);

function since(topic: Topic, after: number): Message {
  const { log } = topic;
  const missed = log.entries.filter((e) => e.seq > after).map(({ seq, kind, at }) => ({ seq, kind, at }));
  const last = missed.at(-1)!;
  // Words between two of our frames were never ours to show (another node's were), so all of it is sent. Nor are another
  // node's words at the same seq surely ours: a lamp that went off and on between two of our frames is in none of them.
  const certain =
    log.alone &&
    !topic.moved &&
    after >= log.since &&
    after >= topic.wholeAt &&
    (after === log.since || log.entries.some((e) => e.ends && e.seq === after));
  return { type: 'event', ...last, log: missed, html: certain ? changedSince(topic, after) : whole(topic) };
}

const changedSince = (topic: Topic, after: number): Record<string, string> =>
  Object.fromEntries(
    Object.entries(renderFragments(topic.view)).filter(([id]) => (topic.changed.get(id) ?? 0) > after),
  );

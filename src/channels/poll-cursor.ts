import { createHash } from 'node:crypto';
import type { Inbound } from '../domain/channel.ts';

/** How long after the newest we still expect something older to turn up, ms. */
const LATE_MS = 2 * 60_000;
/** How far back the first look goes, ms: a new connection does not bring in years. */
const FIRST_LOOK_MS = 24 * 3_600_000;

/**
 * A cursor for networks that list by time, and to the second. Such a list can gain an entry behind the newest that we
 * know, so every look begins a little before it, and the cursor remembers what was in that overlap: nothing is missed
 * and nothing comes twice. Written as `<newest ms>|<short hash>,<short hash>…`.
 */
export function openCursor(cursor: string | null, now: number) {
  const [time = '', hashes = ''] = (cursor ?? '').split('|');
  const newest = /^\d{1,16}$/.test(time) ? Number(time) : undefined;
  const known = new Set(hashes === '' ? [] : hashes.split(','));
  const since = newest === undefined ? now - FIRST_LOOK_MS : newest - LATE_MS;
  return {
    /** Ask for what was said at or after this, ms. */
    since,
    /** What is new among `listed`, oldest first. Within the same time the order of the list is kept. */
    take(listed: readonly Inbound[]): { items: Inbound[]; cursor: string | null } {
      const once = new Map(listed.filter((one) => one.at >= since).map((one) => [one.id, one]));
      const sorted = [...once.values()].sort((a, b) => a.at - b.at);
      const items = sorted.filter((one) => !known.has(short(one.id)));
      if (items.length === 0) return { items, cursor };
      const last = Math.max(newest ?? 0, ...items.map((one) => one.at));
      const overlap = sorted.filter((one) => one.at >= last - LATE_MS).map((one) => short(one.id));
      return { items, cursor: `${last}|${overlap.join(',')}` };
    },
  };
}

const short = (id: string): string => createHash('sha256').update(id).digest('base64url').slice(0, 8);

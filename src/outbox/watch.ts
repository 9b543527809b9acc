import { findLastAlertOn, insertAlert } from '../../db/queries/alerts.ts';
import { findLastTryAt } from '../../db/queries/attempts.ts';
import { getConnection, listAllConnections } from '../../db/queries/connections.ts';
import { findNextToLookAt, findNextToSend, listDueConnections } from '../../db/queries/due.ts';
import { findInstallation, isSilent } from '../../db/queries/installation.ts';
import { appendEvents } from '../../db/queries/log.ts';
import type { Reader } from '../../db/store.ts';
import { DomainError } from '../domain/error.ts';
import { openRounds } from '../domain/rounds.ts';
import { sendAlerts } from './alarm.ts';
import type { OutboxParts } from './parts.ts';

/** How often to look whether sending goes on, ms. With `SILENT_MS` somebody hears of a standstill within 90 s. */
const EVERY_MS = 15_000;
/** Something was due for so long and nobody tried it: twice what the slowest request may take. */
const SILENT_MS = 60_000;
/** While it stands still, somebody is told so often. */
const AGAIN_MS = 10 * 60_000;

export interface Watch {
  /** Looks now. Resolves when whoever is on call was told, if there was anything to tell. */
  check(): Promise<void>;
  /** Looks no more, and waits for the look that may be under way. */
  close(): Promise<void>;
}

/**
 * Sees from outside whether the outbox does its work, here or on another node: what is due is tried, and the sign of
 * life is fresh. It shares nothing with the outbox but the database, and sends the alarm itself.
 */
export function openWatch(parts: OutboxParts): Watch {
  async function look(): Promise<void> {
    const { read } = parts.store;
    if (await isSilent(read)) return;
    const waiting = await listStandingStill(parts, read);
    const pages = new Map<string, string[]>();
    for (const { pageId, name } of waiting) pages.set(pageId, [...(pages.get(pageId) ?? []), name]);
    let told = false;
    for (const [pageId, names] of pages) told = (await raiseStuck(parts, pageId, names)) || told;
    if (told) await sendAlerts(parts);
  }
  const rounds = openRounds(() =>
    look().catch((error: unknown) => {
      if (!(error instanceof DomainError && error.code === 'unavailable')) parts.report(error, 'watch');
    }),
  );
  const timer = setInterval(() => {
    if (!rounds.busy()) void rounds.ask();
  }, EVERY_MS);
  timer.unref();
  return {
    check: rounds.ask,
    async close() {
      clearInterval(timer);
      await rounds.rest();
    },
  };
}

/** Accounts with something due that nobody has tried for too long; all of them when there is no sign of life at all. */
async function listStandingStill(parts: OutboxParts, r: Reader): Promise<{ pageId: string; name: string }[]> {
  const { now } = parts.tick();
  const since = now - SILENT_MS;
  const beat = Number((await findInstallation(r, 'heartbeat')) ?? now);
  // A beat from the future was written under a clock that has since jumped back: what is due tells.
  if (beat < since) return (await listAllConnections(r)).filter((c) => c.enabled && c.pausedAt === null);
  const still = [];
  for (const id of await listDueConnections(r, since)) {
    const due = (await findNextToSend(r, id, since)) ?? (await findNextToLookAt(r, id, since));
    if (due && ((await findLastTryAt(r, id)) ?? 0) < since) still.push(await getConnection(r, id));
  }
  return still;
}

/** False when whoever is on call was told a short while ago. */
async function raiseStuck(parts: OutboxParts, pageId: string, names: readonly string[]): Promise<boolean> {
  return parts.store.transact(async (w) => {
    const { now } = parts.tick();
    const last = await findLastAlertOn(w, pageId, 'stuck');
    if (last !== null && now >= last && now - last < AGAIN_MS) return false;
    const some = names.slice(0, 3).join(', ') + (names.length > 3 ? ` and ${names.length - 3} more` : '');
    await insertAlert(w, {
      id: parts.newId(),
      pageId,
      kind: 'stuck',
      message: `Tocsin has stopped sending (${some}). What waits is safe. Restart it, and read its log.`,
      raisedAt: now,
    });
    await appendEvents(w, [
      {
        at: now,
        pageId,
        kind: 'alert.stuck',
        public: false,
        incidentId: null,
        updateId: null,
        detail: { connections: names.length },
      },
    ]);
    return true;
  });
}

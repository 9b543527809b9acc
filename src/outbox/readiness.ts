import { findLastAlertAt } from '../../db/queries/alerts.ts';
import {
  type Connection,
  changeConnection,
  getConnection,
  listDueChecks,
} from '../../db/queries/connections.ts';
import { appendEvents } from '../../db/queries/log.ts';
import type { Writer } from '../../db/store.ts';
import { ChannelError } from '../channels/contract.ts';
import type { Verified } from '../domain/channel.ts';
import { CHECK_AGAIN_MS, mustTellExpiry, nextCheckAt } from '../domain/readiness.ts';
import { cut, storable } from '../domain/storable.ts';
import { type OutboxParts, openAccount, withDeadline } from './parts.ts';
import { raise } from './raise.ts';
import { failureOf, pause } from './record.ts';

/**
 * Looks whether an account would take a post, though there is none, so that a dead credential is found on a quiet day.
 * Done in the account's lane, after everything that waits: never beside a send, and never twice at once. False when no
 * look is due.
 */
export async function checkReadiness(parts: OutboxParts, connectionId: string): Promise<boolean> {
  const { read } = parts.store;
  const { now, boot } = parts.tick();
  if (!(await listDueChecks(read, now)).includes(connectionId)) return false;
  const connection = await getConnection(read, connectionId);
  if (connection.laneBy !== boot) return false;
  let found: Verified | ChannelError;
  try {
    const channel = openAccount(parts, connection);
    found = storable(await withDeadline(parts.requestMs, (signal) => channel.verify(signal)));
  } catch (error) {
    found = failureOf(error);
  }
  await parts.store.transact((w) => recordCheck(parts, w, connection, found), { patienceMs: 30_000 });
  return true;
}

async function recordCheck(
  parts: OutboxParts,
  w: Writer,
  asked: Connection,
  found: Verified | ChannelError,
): Promise<void> {
  const { now } = parts.tick();
  const connectionId = asked.id;
  const before = await getConnection(w, connectionId);
  if (before.verifiedAt !== asked.verifiedAt) return;
  const patch = found instanceof ChannelError ? afterFailure(before, found, now) : afterYes(found, now);
  await changeConnection(w, connectionId, patch);
  const after = { ...before, ...patch };
  if (found instanceof ChannelError && found.failure === 'auth')
    return pause(parts, w, after, found.message, now);
  await sayCheck(w, before, after, now);
  const told = await findLastAlertAt(w, connectionId, 'expiring');
  if (mustTellExpiry(now, after.expiresAt, told)) await raise(parts, w, after, expiring(after, now));
}

const afterYes = (found: Verified, now: number) => ({
  account: found.account,
  url: found.url,
  limits: found.limits,
  can: found.can,
  expiresAt: found.expiresAt ?? null,
  verifiedAt: now,
  checkedAt: now,
  checkFailure: null,
  checkAt: nextCheckAt(now, found.expiresAt ?? null),
});

/** What may pass is looked at again soon; the account keeps speaking, for it may well take a post all the same. */
const afterFailure = (before: Connection, failed: ChannelError, now: number) => ({
  checkedAt: now,
  checkFailure: cut(failed.message, 500),
  checkAt: Math.min(
    nextCheckAt(now, before.expiresAt),
    now + Math.max(CHECK_AGAIN_MS, failed.retryAfterMs ?? 0),
  ),
});

/** Says it only when somebody could see a difference: twenty accounts four times a day are no news. */
async function sayCheck(w: Writer, before: Connection, after: Connection, now: number): Promise<void> {
  const shown = (c: Connection) => [c.account, c.url].join(' ');
  const known = (c: Connection) => [c.checkFailure, c.expiresAt].join(' ');
  const isPublic = shown(before) !== shown(after);
  if (!isPublic && known(before) === known(after)) return;
  await appendEvents(w, [
    {
      at: now,
      pageId: after.pageId,
      kind: 'connection.checked',
      public: isPublic,
      incidentId: null,
      updateId: null,
      detail: { connectionId: after.id, ...(isPublic ? {} : { failure: after.checkFailure }) },
    },
  ]);
}

function expiring(connection: Connection, now: number) {
  const end = connection.expiresAt ?? now;
  const day = new Date(end).toISOString().slice(0, 16).replace('T', ' ');
  const message =
    end <= now
      ? `They ended on ${day} UTC. Connect the account again.`
      : `They end on ${day} UTC. Renew them on the network before then, and connect the account again.`;
  return { kind: 'expiring', deliveryId: null, message } as const;
}

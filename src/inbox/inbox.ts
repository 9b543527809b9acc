import { type Connection, getConnection, releaseLane, takeLane } from '../../db/queries/connections.ts';
import { findHearing, listDueHearings, recordHearing } from '../../db/queries/mentions.ts';
import type { Store } from '../../db/store.ts';
import { type Channel, ChannelError, type HookAnswer, type HookCall } from '../channels/contract.ts';
import type { Inbound } from '../domain/channel.ts';
import { LEASE_MS } from '../domain/delivery-times.ts';
import { DomainError } from '../domain/error.ts';
import { HISTORY_MS } from '../domain/mention.ts';
import { openTurnstile } from '../domain/pace.ts';
import { cut, storable } from '../domain/storable.ts';
import { keep } from './keep.ts';

/** How often to look which account is due, and how often each is listened to, ms. */
const BEAT_MS = 5_000;
const LISTEN_MS = 60_000;
/** How long an account is left alone that did not let us listen, ms; and the longest that a network may ask for. */
const AGAIN_MS = 5 * 60_000;
const FAR_MS = 60 * 60_000;
/** Signed calls about one account: many times what a network sends in its worst hour, and far less than stops a database. */
const PER_ACCOUNT = { burst: 600, everyMs: 50 };

export interface InboxParts {
  store: Store;
  now(): number;
  /** This run, as the lanes know it. */
  boot: string;
  newId(): string;
  channelOf(connection: Connection): Channel;
  report(error: unknown, where: string): void;
  /** Deadline of one look at a network, ms. */
  requestMs: number;
}

export interface Inbox {
  /**
   * Listens to every account now, whenever its next time is, and once more where that is being done already: what was
   * said before the call is kept when this resolves. For tests.
   */
  listen(): Promise<void>;
  /**
   * A call from a network about one of our accounts. What it brings is on disk when this returns. Throws `not_found` for
   * an account that takes no calls, `forbidden` for a call that its network has not signed, and `limited` for more than
   * we can keep: the network sends it again.
   */
  take(connectionId: string, call: HookCall): Promise<HookAnswer>;
  close(): Promise<void>;
}

/** Hears what people say: asks the networks that must be asked, and takes the calls of those that call. */
export function openInbox(parts: InboxParts): Inbox {
  const { store } = parts;
  const listening = new Map<string, Promise<void>>();
  const lanes = new Set<string>();
  const gate = openTurnstile(PER_ACCOUNT);
  let closed = false;

  /** Listens to those whose time has come `aheadMs` from now at the latest, each after what is under way there. */
  async function look(aheadMs: number): Promise<void> {
    const due = await listDueHearings(store.read, parts.now() + aheadMs, FAR_MS + LISTEN_MS);
    for (const connection of due) {
      if (closed || (aheadMs === 0 && listening.has(connection.id))) continue;
      if (connection.can.inbound !== 'poll' && connection.can.inbound !== 'both') continue;
      const before = listening.get(connection.id) ?? Promise.resolve();
      const one = before
        .then(() => hear(connection))
        .catch((error: unknown) => {
          if (!(error instanceof DomainError && error.code === 'unavailable'))
            parts.report(error, `listening to ${connection.id}`);
        })
        .finally(() => {
          if (listening.get(connection.id) === one) listening.delete(connection.id);
        });
      listening.set(connection.id, one);
    }
    await Promise.all(listening.values());
  }

  /** One account, by the process that also speaks for it: a refresh token works once, whoever uses it. */
  async function hear(connection: Connection): Promise<void> {
    let channel: Channel;
    try {
      channel = parts.channelOf(connection);
    } catch (error) {
      // Its credentials cannot be opened: it is left alone like one that does not answer.
      return recordSilence(connection.id, error);
    }
    if (channel.poll === undefined) return;
    const isOurs = await store.transact(
      (w) => takeLane(w, connection.id, parts.boot, parts.now(), LEASE_MS),
      { appends: false },
    );
    if (!isOurs) return;
    lanes.add(connection.id);
    const before = await findHearing(store.read, connection.id);
    let heard: { items: Inbound[]; cursor: string | null };
    try {
      heard = await channel.poll(before?.cursor ?? null, AbortSignal.timeout(parts.requestMs));
    } catch (error) {
      return recordSilence(connection.id, error);
    }
    const now = parts.now();
    // The first look brings what was said before anybody listened.
    const items = before?.cursor ? heard.items : heard.items.filter((one) => one.at > now - HISTORY_MS);
    // The cursor moves with what it stands for, or not at all: what is fetched again is kept once.
    await store.transact(
      async (w) => {
        const about = { now, newId: parts.newId };
        await keep(w, connection, items, about);
        await recordHearing(w, {
          connectionId: connection.id,
          cursor: heard.cursor,
          heardAt: now,
          nextAt: now + LISTEN_MS,
          failure: null,
        });
      },
      { patienceMs: 10_000 },
    );
  }

  async function recordSilence(connectionId: string, error: unknown): Promise<void> {
    const now = parts.now();
    const asked = error instanceof ChannelError ? error.retryAfterMs : undefined;
    const message = error instanceof Error ? error.message : String(error);
    await store.transact(
      async (w) =>
        recordHearing(w, {
          connectionId,
          cursor: (await findHearing(w, connectionId))?.cursor ?? null,
          heardAt: now,
          nextAt: now + Math.min(FAR_MS, Math.max(AGAIN_MS, asked ?? 0)),
          failure: cut(storable(message), 500),
        }),
      { appends: false },
    );
  }

  const timer = setInterval(() => {
    if (!closed) void look(0).catch((error: unknown) => parts.report(error, 'inbox'));
  }, BEAT_MS);

  return {
    listen: () => look(FAR_MS),
    async take(connectionId, call) {
      const connection = await getConnection(store.read, connectionId);
      const channel = parts.channelOf(connection);
      try {
        const greeting = channel.greet?.(call);
        if (greeting !== undefined) return greeting;
        if (channel.receive === undefined || call.method !== 'POST')
          throw new DomainError('not_found', 'This account takes no calls.');
        const items = channel.receive(call.headers, call.body);
        const waitMs = gate.admit(connectionId, parts.now());
        if (waitMs > 0)
          throw new DomainError('limited', 'Too many calls about this account. Send it again later.', {
            retryAfterMs: waitMs,
          });
        if (items.length > 0)
          await store.transact((w) => keep(w, connection, items, { now: parts.now(), newId: parts.newId }), {
            patienceMs: 8_000,
          });
      } catch (error) {
        // What cannot be read just now is asked for again: networks repeat a call that was not taken.
        if (error instanceof ChannelError)
          throw new DomainError(error.failure === 'unsent' ? 'unavailable' : 'forbidden', error.message);
        throw error;
      }
      return { status: 200, type: 'text/plain; charset=utf-8', body: '' };
    },
    async close() {
      closed = true;
      clearInterval(timer);
      await Promise.allSettled(listening.values());
      await store
        .transact(
          async (w) => {
            for (const id of lanes) await releaseLane(w, id, parts.boot);
          },
          { appends: false },
        )
        .catch(() => undefined);
    },
  };
}

import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { lastSeq, listEventsAfter } from '../../../db/queries/log.ts';
import { findTokenByHash } from '../../../db/queries/people.ts';
import { lastStillAffected } from '../../../db/queries/still-affected.ts';
import type { Store } from '../../../db/store.ts';
import { forbidden } from '../../domain/error.ts';
import { isAlive, isOwn, mustKnow } from '../who.ts';

/** Who has which screen open in this process. */
export interface Presence {
  /** People who look at an address just now, but one. */
  lookingAt(path: string, but: string): string[];
}

interface Listener {
  socket: WebSocket;
  tokenHash: string;
  personId: string;
  path: string;
  /** Heard of since it was last asked whether it is there. */
  answers: boolean;
}

const BEAT_MS = 1_000;
/** How often every desk is told that its line is whole, and asked whether it is still there, ms. */
const PULSE_MS = 15_000;
const BATCH = 500;
/** A socket that has not read this much is let go; it comes back and fetches the page. */
const LONGEST_BEHIND = 64 * 1024;
const SIGNED_OUT = 4401;

/**
 * Tells every open desk what happened, as `{ seq, kind, incidentId, updateId }`: never any words, which the screen
 * fetches with its own rights. A session that ended loses its socket within two beats. Quiet hours have a pulse, so that
 * neither end believes in a line that has died without a word.
 */
export function openFeed(
  store: Store,
  now: () => number,
  report: (error: unknown) => void,
  pulseMs = PULSE_MS,
) {
  const listeners = new Set<Listener>();
  let cursor: number | undefined;
  /** When a visitor last said that they still have trouble; undefined until it was looked at. */
  let affectedAt: number | null | undefined;
  let busy = false;
  let again = false;
  let closed = false;

  async function read(): Promise<void> {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      do {
        again = false;
        cursor ??= await lastSeq(store.read);
        for (;;) {
          const events = await listEventsAfter(store.read, cursor, BATCH);
          for (const { seq, kind, incidentId, updateId } of events)
            tell(JSON.stringify({ seq, kind, incidentId, updateId }));
          cursor = events.at(-1)?.seq ?? cursor;
          if (events.length < BATCH) break;
        }
      } while (again && !closed);
    } catch (error) {
      report(error);
    } finally {
      busy = false;
    }
  }

  function tell(frame: string): void {
    for (const listener of listeners) {
      if (listener.socket.bufferedAmount > LONGEST_BEHIND) listener.socket.terminate();
      else listener.socket.send(frame);
    }
  }

  /** Who else looks at the same thing has changed: those who do fetch it anew. */
  function tellNeighbours(path: string, but?: Listener): void {
    if (!/^\/desk\/(?:updates|approvals)\/\w+$/.test(path)) return;
    const frame = JSON.stringify({ seq: cursor ?? 0, kind: 'presence', incidentId: null, updateId: null });
    for (const listener of listeners)
      if (listener !== but && listener.path === path) listener.socket.send(frame);
  }

  async function letGoOfTheSignedOut(): Promise<void> {
    const ended = new Map<string, boolean>();
    for (const listener of [...listeners]) {
      let gone = ended.get(listener.tokenHash);
      if (gone === undefined) {
        const found = await findTokenByHash(store.read, listener.tokenHash);
        gone = !found || !isAlive(found, now());
        ended.set(listener.tokenHash, gone);
      }
      if (gone) listener.socket.close(SIGNED_OUT, 'signed out');
    }
  }

  /** Presses of visitors are in no log, and change what a board and an incident show. */
  async function tellOfTheAffected(): Promise<void> {
    const last = await lastStillAffected(store.read);
    const isNews = affectedAt !== undefined && last !== affectedAt;
    affectedAt = last;
    if (!isNews) return;
    const frame = JSON.stringify({ seq: cursor ?? 0, kind: 'affected', incidentId: null, updateId: null });
    for (const listener of listeners)
      if (/^\/desk(?:\/incidents\/\w+)?$/.test(listener.path)) listener.socket.send(frame);
  }

  async function beat(): Promise<void> {
    if (listeners.size === 0) {
      cursor = undefined;
      return;
    }
    await read();
    await tellOfTheAffected().catch(report);
    await letGoOfTheSignedOut().catch(report);
  }

  function pulse(): void {
    for (const { socket, answers } of listeners) if (!answers) socket.terminate();
    for (const listener of listeners) {
      listener.answers = false;
      listener.socket.ping();
    }
    tell(JSON.stringify({ seq: cursor ?? 0, kind: 'beat', incidentId: null, updateId: null }));
  }

  const stopHints = store.onHint(() => {
    if (listeners.size > 0) void read();
  });
  const timer = setInterval(() => void beat(), BEAT_MS);
  const pulses = setInterval(pulse, pulseMs);

  const presence: Presence = {
    lookingAt: (path, but) => [
      ...new Set([...listeners].filter((l) => l.path === path && l.personId !== but).map((l) => l.personId)),
    ],
  };

  return {
    presence,
    /** Seq that every listener was told up to: asked before a screen is read, the screen shows no less than that. */
    seq: async (): Promise<number> => cursor ?? lastSeq(store.read),
    async join(socket: WebSocket, request: FastifyRequest): Promise<void> {
      const { person, token } = mustKnow(request);
      const path = String((request.query as { at?: unknown }).at ?? '').slice(0, 200);
      const listener: Listener = { socket, tokenHash: token.hash, personId: person.id, path, answers: true };
      socket.on('close', () => {
        listeners.delete(listener);
        tellNeighbours(path);
      });
      socket.on('error', () => socket.terminate());
      socket.on('pong', () => {
        listener.answers = true;
      });
      listeners.add(listener);
      tellNeighbours(path, listener);
      cursor ??= await lastSeq(store.read);
      socket.send(JSON.stringify({ seq: cursor, kind: 'hello', incidentId: null, updateId: null }));
    },
    close(): void {
      closed = true;
      stopHints();
      clearInterval(timer);
      clearInterval(pulses);
      for (const { socket } of listeners) socket.close(1012, 'restarting');
    },
  };
}

/** `/desk/live`: only for a session, and only for a page of our own. */
export function serveFeed(app: FastifyInstance, feed: ReturnType<typeof openFeed>): void {
  app.get(
    '/live',
    {
      websocket: true,
      preValidation: async (request) => {
        if (mustKnow(request).token.kind !== 'session') throw forbidden('The desk’s socket is for browsers.');
        if (!isOwn(request.headers.origin ?? '', request.host))
          throw forbidden('This page came from another site.');
      },
    },
    (socket, request) => feed.join(socket, request),
  );
}

import type { AddressInfo } from 'node:net';
import websocket from '@fastify/websocket';
import Fastify, { type FastifyInstance } from 'fastify';
import t from 'tap';
import { listEventsAfter } from '../../db/queries/log.ts';
import type { HubLimits } from '../../src/live/hub.ts';
import { type Live, type LiveOptions, openLive } from '../../src/live/live.ts';
import { answerErrors } from '../../src/server/errors.ts';
import { drawPublicError, publicPages } from '../../src/server/public.ts';
import { type House, type HouseOptions, openHouse } from '../house.ts';

/** A house whose public half is open: the live room and its routes, on a port of its own. */
export interface LiveHouse extends House {
  live: Live;
  app: FastifyInstance;
  base: string;
  /** What went wrong, as the room reported it. */
  reports: unknown[];
  /** Seqs of the page's public events, as the log has them. */
  publicLog(after?: number): Promise<number[]>;
  /** The page as somebody without scripts reads it. */
  read(path?: string): Promise<string>;
  closeLive(): Promise<void>;
}

export interface LiveMore {
  limits?: Partial<HubLimits>;
  mirror?: string;
  mirrorFiles?: LiveOptions['mirrorFiles'];
  mirrorGit?: LiveOptions['mirrorGit'];
  mirrorBucket?: LiveOptions['mirrorBucket'];
  exercise?: boolean;
  links?: LiveOptions['links'];
  /** Opens more of the public half before it listens. */
  also?(app: FastifyInstance, live: Live): Promise<void>;
  /** Of the house before, to open it again at the same place. */
  port?: number;
}

export async function openLiveHouse(options: Partial<HouseOptions> & LiveMore = {}): Promise<LiveHouse> {
  const house = await openHouse({ database: 'sqlite', ...options });
  return goLive(house, options);
}

/** Opens the live room over a house; again, after a restart. */
export async function goLive(house: House, more: LiveMore = {}): Promise<LiveHouse> {
  const reports: unknown[] = [];
  const live = await openLive({
    store: house.store,
    now: house.clock.now,
    report: (error) => reports.push(error),
    limits: { spreadMs: 0, ...more.limits },
    mirror: more.mirror,
    mirrorFiles: more.mirrorFiles ?? {},
    mirrorGit: more.mirrorGit,
    mirrorBucket: more.mirrorBucket,
    exercise: more.exercise ?? false,
    ...(more.links ? { links: more.links } : {}),
  });
  const app = Fastify({ forceCloseConnections: true, trustProxy: '127.0.0.1' });
  answerErrors(app, (answer, request, reply) => drawPublicError(answer, live, request, reply));
  await app.register(publicPages, { live });
  // In a scope of its own, as in the server: its hooks are not for readers.
  await app.register(async (inner) => {
    await inner.register(websocket, { options: { maxPayload: 4_096, perMessageDeflate: false } });
  });
  await more.also?.(app, live);
  await app.listen({ host: '127.0.0.1', port: more.port ?? 0 });
  const base = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  let closed = false;
  const closeLive = async () => {
    if (closed) return;
    closed = true;
    await live.close();
    await app.close();
  };
  t.teardown(closeLive);
  return {
    ...house,
    live,
    app,
    base,
    reports,
    async publicLog(after = 0) {
      const seqs: number[] = [];
      for (let from = after; ; ) {
        const events = await listEventsAfter(house.store.read, from, 500, {
          pageId: house.page.id,
          public: true,
        });
        seqs.push(...events.map((e) => e.seq));
        if (events.length < 500) return seqs;
        from = events.at(-1)!.seq;
      }
    },
    async read(path = '/') {
      return (await fetch(base + path)).text();
    },
    closeLive,
  };
}

/** The seq a page was rendered at. */
export const seqOf = (html: string): number => Number(/data-seq="(\d+)"/.exec(html)?.[1]);

import { get } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { eq } from 'drizzle-orm';
import type { Incident, Update } from '../../db/queries/incidents.ts';
import { appendEvents } from '../../db/queries/log.ts';
import { openIncident } from '../../src/actions/open-incident.ts';
import { programLinks, programs } from '../../src/server/programs.ts';
import { type House, type HouseOptions, MINUTE, openHouse } from '../house.ts';
import { goLive, type LiveHouse, type LiveMore } from '../live/live-house.ts';

export interface Answer {
  status: number;
  headers: Record<string, string | undefined>;
  /** As it was on the wire. */
  body: Buffer;
  /** Unpacked. */
  text: string;
}

/** A live house whose programs' half is open as well. */
export interface ProgramHouse extends LiveHouse {
  look(path: string, headers?: Record<string, string>, method?: string): Promise<Answer>;
  text(path: string): Promise<string>;
  json<T>(path: string): Promise<T>;
}

export async function openProgramHouse(
  options: Partial<HouseOptions> & LiveMore = {},
): Promise<ProgramHouse> {
  return goPublic(await openHouse({ database: 'sqlite', ...options }), options);
}

export async function goPublic(house: House, more: LiveMore = {}): Promise<ProgramHouse> {
  const live = await goLive(house, {
    links: programLinks,
    ...more,
    also: async (app, live) => {
      await app.register(programs, { live });
    },
  });
  const look: ProgramHouse['look'] = (path, headers = {}, method = 'GET') =>
    new Promise<Answer>((done, fail) => {
      const request = get(live.base + path, { headers, method, agent: false }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          const body = Buffer.concat(chunks);
          const encoding = answer.headers['content-encoding'];
          const plain =
            body.length === 0
              ? body
              : encoding === 'br'
                ? brotliDecompressSync(body)
                : encoding === 'gzip'
                  ? gunzipSync(body)
                  : body;
          done({
            status: answer.statusCode ?? 0,
            headers: answer.headers as Answer['headers'],
            body,
            text: plain.toString(),
          });
        });
      });
      request.on('error', fail);
    });
  const text = async (path: string) => {
    const answer = await look(path);
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.text}`);
    return answer.text;
  };
  return { ...live, look, text, json: async <T>(path: string) => JSON.parse(await text(path)) as T };
}

/** Maintenance the public has been told of, an hour from now and two hours long. */
export async function planWork(house: House, title = 'New database', body = 'We move to a new database.') {
  const now = house.clock.now();
  const incident = await openIncident(house.ctx(house.author), {
    pageId: house.page.id,
    kind: 'maintenance',
    title,
    scheduledFor: now + 60 * MINUTE,
    scheduledUntil: now + 180 * MINUTE,
  });
  await house.say(incident, {
    status: 'scheduled',
    body,
    nextUpdateBy: now + 20 * MINUTE,
    components: { [house.components[1]!.id]: 'operational' },
  });
  return incident;
}

/** Writes straight into the database, past every check, and tells the log; resolves when programs can read it. */
export async function tamper(
  house: ProgramHouse,
  incident: Incident,
  patch: Partial<Incident>,
  update?: { id: string } & Partial<Update>,
): Promise<void> {
  await house.store.transact(async (w) => {
    if (Object.keys(patch).length > 0)
      await w.sql.update(w.t.incidents).set(patch).where(eq(w.t.incidents.id, incident.id));
    if (update) await w.sql.update(w.t.updates).set(update).where(eq(w.t.updates.id, update.id));
    await appendEvents(w, [
      {
        at: house.clock.now(),
        pageId: house.page.id,
        kind: 'update.corrected',
        public: true,
        incidentId: incident.id,
        updateId: update?.id ?? null,
        detail: {},
      },
    ]);
  });
  await house.live.settled();
}

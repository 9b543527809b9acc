import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../db/open.ts';
import { countDeliveries } from '../../db/queries/deliveries.ts';
import { bootName } from '../../db/store.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { newKey } from '../../src/secrets.ts';
import type { Post } from '../../src/simulator/facts.ts';
import { startSimulator } from '../../src/simulator/start.ts';
import { freePort } from '../free-port.ts';
import { startPg } from '../pg.ts';
import { judge } from './verdict.ts';
import { kill, startVictim, type Victim } from './victim.ts';
import { ACCOUNTS, FAULTS, REQUEST_MS, type Seeded, seed } from './world.ts';

export interface CrashOptions {
  kills: number;
  seed: string;
  database: 'sqlite' | 'postgres';
  /** Places where the server kills itself, by turns and at a random passing, instead of being killed at random. */
  failpoints?: readonly string[];
  say(line: string): void;
}

export interface CrashResult {
  kills: number;
  posts: number;
  lost: number;
  duplicated: number;
  false_delivered: number;
  held: number;
  seconds: number;
  /** Longest time from "listening again" to the first request at a network, ms. */
  first_send_ms: number;
  integrity: string;
}

/** At the latest after this, with networks that answer, nothing may be unfinished. */
const QUIET_MS = 120_000;

export async function crashRun(options: CrashOptions): Promise<CrashResult> {
  const started = performance.now();
  const random = mulberry(options.seed);
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-crash-'));
  const pg = options.database === 'postgres' ? await startPg() : undefined;
  const simulator = await startSimulator({ seed: options.seed, accounts: ACCOUNTS, rates: 'open' });
  const port = await freePort();
  const env: Record<string, string> = {
    PORT: String(port),
    DATABASE_FILE: join(folder, 'crash.db'),
    TOCSIN_KEYS: newKey(),
    ALLOW_ORIGINS: simulator.url,
    REQUEST_TIMEOUT_MS: String(REQUEST_MS),
    LOG_LEVEL: 'error',
    ...(pg ? { DATABASE_URL: pg.url } : {}),
  };
  const config: Config = readConfig(env);
  let firstSend = 0;
  try {
    const seeded = await seed(config, simulator.accounts);
    await control(simulator.url, '/_sim/faults', FAULTS);
    let killed = 0;
    while (killed < options.kills) {
      const place = options.failpoints?.[killed % options.failpoints.length];
      const wish =
        place === undefined ? env : { ...env, FAILPOINT: `${place}:${1 + Math.floor(random() * 12)}` };
      const victim = await startVictim(wish);
      killed += 1;
      if (!victim) continue;
      const speaking = speak(config.baseUrl, seeded, victim, random);
      const wait = place === undefined ? 100 + Math.floor(random() * 900) : 5_000;
      await Promise.race([victim.gone, pause(wait)]);
      await kill(victim);
      await speaking;
      if (killed % 10 === 0) options.say(`killed ${killed} times`);
    }
    await control(simulator.url, '/_sim/faults', []);
    const before = (await journal(simulator.url)).length;
    const last = await startVictim(env);
    if (!last) throw new Error('The server died without being asked to.');
    const up = performance.now();
    firstSend = await untilFirstSend(simulator.url, before, up);
    await untilQuiet(config);
    last.child.kill('SIGTERM');
    await last.gone;
    const store = await openStore(config.database, bootName(process.pid, 'judge'));
    try {
      const posts = (await (await fetch(`${simulator.url}/_sim/posts`)).json()) as Post[];
      const { notes, ...verdict } = await judge(store.read, Array.isArray(posts) ? posts : [], seeded);
      for (const line of notes) options.say(line);
      return {
        kills: killed,
        ...verdict,
        seconds: Math.round((performance.now() - started) / 1_000),
        first_send_ms: Math.round(firstSend),
        integrity: await integrity(config, store.kind),
      };
    } finally {
      await store.close();
    }
  } finally {
    await simulator.stop();
    await pg?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Opens incidents and publishes updates as fast as the server takes them, until it is gone. */
async function speak(url: string, seeded: Seeded, victim: Victim, random: () => number): Promise<void> {
  const ask = async <T>(token: string, path: string, body: unknown): Promise<T> => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const json = (await answer.json()) as T & { message?: string };
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${json.message}`);
    return json;
  };
  const correct = async (id: string, right: number) => {
    const draft = await ask<{ id: string; version: number }>(seeded.author, `/updates/${id}/correct`, {
      note: 'The number was wrong.',
      blocks: { known: `Payments fail, put right, ${right}.` },
    });
    const asked = await ask<{ hash: string }>(seeded.author, `/updates/${draft.id}/request-approval`, {
      version: draft.version,
    });
    await ask(seeded.approver, `/updates/${draft.id}/approve`, { hash: asked.hash });
  };
  try {
    for (;;) {
      const incident = await ask<{ id: string }>(seeded.author, '/incidents', { title: 'Payments fail' });
      for (let n = 1; n <= 3; n += 1) {
        const draft = await ask<{ id: string; version: number }>(
          seeded.author,
          `/incidents/${incident.id}/updates`,
          {
            blocks: { known: `Payments fail, update ${n}, ${Math.floor(random() * 1e9)}.` },
            nextUpdateBy: Date.now() + 600_000,
          },
        );
        const asked = await ask<{ hash: string }>(seeded.author, `/updates/${draft.id}/request-approval`, {
          version: draft.version,
        });
        await ask(seeded.approver, `/updates/${draft.id}/approve`, { hash: asked.hash });
        await pause(20 + random() * 120);
        if (random() < 0.35) await correct(draft.id, Math.floor(random() * 1e9));
      }
    }
  } catch (error) {
    // The server was killed under our hands, which is the point; anything else it said is a finding.
    if (victim.child.exitCode === null && victim.child.signalCode === null && !isCut(error)) throw error;
  }
}

const isCut = (error: unknown) => error instanceof TypeError || (error as Error).name === 'AbortError';

async function control(url: string, path: string, body: unknown): Promise<void> {
  const answer = await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
}

const journal = async (url: string): Promise<unknown[]> => {
  const answer = (await (await fetch(`${url}/_sim/journal`)).json()) as unknown[];
  return Array.isArray(answer) ? answer : [];
};

async function untilFirstSend(url: string, before: number, up: number): Promise<number> {
  for (;;) {
    if ((await journal(url)).length > before) return performance.now() - up;
    // Everything may have been finished before the last kill.
    if (performance.now() - up > 6_000) return 0;
    await pause(25);
  }
}

/** Waits until nothing is on its way any more; what still is after QUIET_MS is counted as lost by the judge. */
async function untilQuiet(config: Config): Promise<void> {
  const store = await openStore(config.database, bootName(process.pid, 'watch'));
  const deadline = performance.now() + QUIET_MS;
  try {
    for (;;) {
      const n = await countDeliveries(store.read);
      const open = ['pending', 'leased', 'sending', 'unknown', 'reconciling', 'accepted'] as const;
      if (open.every((s) => !n[s]) || performance.now() > deadline) return;
      await pause(200);
    }
  } finally {
    await store.close();
  }
}

async function integrity(config: Config, kind: string): Promise<string> {
  if (kind !== 'sqlite') return 'ok';
  const { default: Database } = await import('better-sqlite3');
  const db = new Database(config.database.file, { readonly: true });
  try {
    return String(db.pragma('integrity_check', { simple: true }));
  } finally {
    db.close();
  }
}

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/** Mulberry32: small, seeded, good enough to choose moments. */
function mulberry(seed: string): () => number {
  let a = [...seed].reduce((h, c) => Math.imul(h ^ c.charCodeAt(0), 2_654_435_761) >>> 0, 1);
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

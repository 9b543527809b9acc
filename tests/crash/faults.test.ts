import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import t, { type Test } from 'tap';
import { openApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { newKey } from '../../src/secrets.ts';
import { startSimulator } from '../../src/simulator/start.ts';
import { freePort } from '../free-port.ts';
import { kill, startVictim } from './victim.ts';
import { seed } from './world.ts';

const SMALL_DISK = fileURLToPath(new URL('small-disk.ts', import.meta.url));

/** The real server with one network, and a person who writes and one who says yes. */
async function serving(t: Test, more: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-faults-'));
  const simulator = await startSimulator({ accounts: [{ network: 'webhook' }], rates: 'open' });
  const env = {
    PORT: String(await freePort()),
    DATABASE_FILE: join(folder, 'faults.db'),
    TOCSIN_KEYS: newKey(),
    ALLOW_ORIGINS: simulator.url,
    LOG_LEVEL: 'error',
    BALLAST_MB: '0',
    ...more,
  };
  const config = readConfig(env);
  const people = await seed(config, simulator.accounts);
  t.teardown(async () => {
    await simulator.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const ask = (token: string, path: string, body: unknown): Promise<Response> =>
    fetch(`${config.baseUrl}/api/v1${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const json = async <T>(token: string, path: string, body: unknown): Promise<T> => {
    const answer = await ask(token, path, body);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  /** The whole road, up to the yes. */
  const say = async (known: string) => {
    const incident = await json<{ id: string }>(people.author, '/incidents', { title: 'Payments fail' });
    const draft = await json<{ id: string; version: number }>(
      people.author,
      `/incidents/${incident.id}/updates`,
      { blocks: { known }, nextUpdateBy: Date.now() + 600_000 },
    );
    const asked = await json<{ hash: string }>(people.author, `/updates/${draft.id}/request-approval`, {
      version: draft.version,
    });
    return { draft, yes: () => ask(people.approver, `/updates/${draft.id}/approve`, { hash: asked.hash }) };
  };
  return { env, config, people, ask, json, say, file: env.DATABASE_FILE, simulator };
}

/** Another program that holds the database until told to let go. */
async function holdDatabase(file: string) {
  const script = `const db = new (require('better-sqlite3'))(process.argv[1]);
    db.exec('BEGIN IMMEDIATE'); process.stdout.write('held'); process.stdin.on('end', () => process.exit()).resume();`;
  const child = spawn(process.execPath, ['-e', script, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return async () => {
    child.stdin.end();
    await once(child, 'exit');
  };
}

t.test(
  'another program holds the database: the page stays, a writer is told when to try again',
  async (t) => {
    const { env, config, people, ask, file } = await serving(t);
    const victim = await startVictim(env);
    t.ok(victim);
    t.teardown(() => kill(victim!));
    t.equal((await ask(people.author, '/incidents', { title: 'Before' })).status, 201);
    const letGo = await holdDatabase(file);
    let open = true;
    const pages: number[] = [];
    const reading = (async () => {
      while (open) pages.push((await fetch(`${config.baseUrl}/`)).status);
    })();
    const refused = await ask(people.author, '/incidents', { title: 'Meanwhile' });
    open = false;
    await reading;
    t.equal(refused.status, 503);
    t.ok(Number(refused.headers.get('retry-after')) >= 1, 'with Retry-After');
    t.match(await refused.text(), /Nothing was changed; try again/);
    t.ok(pages.length > 20, `the page was read ${pages.length} times meanwhile`);
    t.ok(pages.every((status) => status === 200));
    await letGo();
    t.equal((await ask(people.author, '/incidents', { title: 'After' })).status, 201);
  },
);

t.test('held for a moment only, a writer waits and is served', async (t) => {
  const { env, people, ask, file } = await serving(t);
  const victim = await startVictim(env);
  t.teardown(() => kill(victim!));
  const letGo = await holdDatabase(file);
  const answer = ask(people.author, '/incidents', { title: 'Patient' });
  const first = await Promise.race([answer.then(() => 'answered'), letGo().then(() => 'let go')]);
  t.equal(first, 'let go');
  t.equal((await answer).status, 201);
});

t.test(
  'a full disk: refused in a sentence, the ballast given up, nothing sent that is not written',
  async (t) => {
    const house = await serving(t, { BALLAST_MB: '2' });
    const { env, config, people, ask, simulator } = house;
    const victim = await startVictim({ ...env, NODE_OPTIONS: `--import=${SMALL_DISK}` });
    t.ok(victim);
    t.teardown(() => kill(victim!));
    const waiting = await house.say('Payments fail.');
    t.ok(existsSync(`${house.file}.ballast`));
    // Somebody else fills the disk until there is no room.
    const other = new Database(house.file, { timeout: 10_000 });
    other.exec('CREATE TABLE filler (x)');
    let full: Response | undefined;
    for (let i = 0; i < 60 && !full; i += 1) {
      other.exec('INSERT INTO filler VALUES (zeroblob(60000))');
      const answer = await ask(people.author, '/incidents', { title: 'Is there room?' });
      if (answer.status !== 201) full = answer;
    }
    other.close();
    t.equal(full?.status, 503);
    t.match(await full?.text(), /disk is full/i);
    t.notOk(existsSync(`${house.file}.ballast`), 'the ballast is given up');
    const ready = await fetch(`${config.baseUrl}/readyz`);
    t.equal(ready.status, 503);
    t.match(await ready.text(), /disk was full/);
    t.equal((await fetch(`${config.baseUrl}/`)).status, 200, 'the page stays');
    t.equal((await waiting.yes()).status, 200, 'what is on its way can be finished');
    const posts = async () => (await (await fetch(`${simulator.url}/_sim/posts`)).json()) as unknown[];
    while ((await posts()).length === 0) await posts();
    t.equal((await posts()).length, 1, 'and is sent');
  },
);

t.test('an outbox that hangs is seen from outside within fifteen seconds', async (t) => {
  const { config } = await serving(t);
  // Time passes for everybody, but the outbox no longer turns.
  const clock = { at: Date.now(), mono: 0 };
  const app = await openApp(config, {
    logger: false,
    clock: { now: () => clock.at, mono: () => clock.mono },
  });
  t.teardown(() => app.close());
  await app.outbox.idle();
  const readyz = () => app.server.inject('/readyz');
  t.equal((await readyz()).statusCode, 200);
  clock.at += 15_000;
  const red = await readyz();
  t.equal(red.statusCode, 503);
  t.match(red.json(), { ok: false, checks: { worker: { ok: false, note: /15 s ago/ } } });
  clock.mono += 15_000;
  await app.outbox.idle();
  t.equal((await readyz()).statusCode, 200, 'it turns again');
});

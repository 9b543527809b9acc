import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { Update } from '../db/queries/incidents.ts';
import { openApp } from '../src/app.ts';
import { seedDemo } from '../src/cli/demo-world.ts';
import { readConfig } from '../src/config.ts';
import type { AmendStep } from '../src/domain/amend.ts';
import { newKey } from '../src/secrets.ts';
import type { Post } from '../src/simulator/facts.ts';
import { NETWORKS } from '../src/simulator/networks/index.ts';
import { openSimulator } from '../src/simulator/simulator.ts';
import { freePort } from './free-port.ts';
import { until } from './outbox/scripted.ts';

const WRONG = 'All refunds for cancelled orders are now closed.';
const RIGHT = 'Refunds for cancelled orders are open until 31 December.';
const NOTE = 'Our post that refunds are closed was a draft, sent by mistake.';

interface Row {
  id: string;
  connectionId: string;
  op: string;
  part: number;
  way: string | null;
  state: string;
  reason: string | null;
}

/** Networks on which the post itself says the right words afterwards; on all others an answer or a new post does. */
const CHANGED = [
  'x',
  'mastodon',
  'facebook',
  'linkedin',
  'telegram',
  'discord',
  'discord_webhook',
  'slack',
  'google_chat',
  'matrix',
  'discourse',
  'reddit',
];

t.test('what was said wrong is put right on every network there is', async (t) => {
  const simulator = await openSimulator({
    accounts: NETWORKS.map(({ kind }) => ({
      network: kind,
      options: kind === 'x' ? { subscription: 'Premium' } : {},
    })),
  });
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-correction-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const mail = [...simulator.world.ports.values()].map((one) => `smtp://127.0.0.1:${one}`);
  const app = await openApp(
    readConfig({
      DATABASE_FILE: join(folder, 'tocsin.db'),
      BASE_URL: url,
      HOST: '127.0.0.1',
      PORT: String(port),
      TOCSIN_KEYS: newKey(),
      ALLOW_ORIGINS: [new URL(simulator.url).origin, ...mail].join(','),
      LOG_LEVEL: 'error',
    }),
  );
  t.teardown(async () => {
    await app.close();
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await app.listen();
  const world = await seedDemo(app, url, simulator.accounts);
  const asking =
    (token: string) =>
    async <T>(method: string, path: string, body?: unknown): Promise<T> => {
      const answer = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as T;
    };
  const author = asking(world.author.token);
  const approver = asking(world.approver.token);
  const approved = async (draft: Update): Promise<Update> => {
    const asked = await author<Update>('POST', `/updates/${draft.id}/request-approval`, {
      version: draft.version,
    });
    return approver<Update>('POST', `/updates/${draft.id}/approve`, { hash: asked.hash });
  };
  const rowsOf = async (id: string) =>
    (await author<{ deliveries: Row[] }>('GET', `/updates/${id}`)).deliveries;
  const settled = (id: string) =>
    until(app.store, async () => {
      const rows = await rowsOf(id);
      return (
        rows.length > 0 &&
        rows.every((d) => ['delivered', 'skipped', 'manual', 'superseded'].includes(d.state))
      );
    });
  const connections = await author<{ id: string; channel: string }[]>('GET', '/connections');
  const networkOf = (row: Pick<Row, 'connectionId'>) =>
    connections.find((c) => c.id === row.connectionId)?.channel ?? '';

  const incident = await author<{ id: string }>('POST', '/incidents', {
    title: 'Refunds for cancelled orders',
  });
  const wrong = await approved(
    await author<Update>('POST', `/incidents/${incident.id}/updates`, {
      blocks: { known: WRONG },
      nextUpdateBy: Date.now() + 20 * 60_000,
    }),
  );
  await settled(wrong.id);

  const draft = await author<Update>('POST', `/updates/${wrong.id}/correct`, {
    note: NOTE,
    blocks: { known: RIGHT },
  });
  t.match(draft, { correctsId: wrong.id, amends: 'correction', class: 'D', note: NOTE });
  const { plan, blocked, refused } = await author<{
    plan: AmendStep[];
    blocked: unknown[];
    refused: unknown[];
  }>('GET', `/updates/${draft.id}/preview`);
  t.same({ blocked, refused }, { blocked: [], refused: [] });
  t.equal(plan.length, connections.length, 'every network where it was said has its line in the plan');
  const right = await approved(draft);
  await settled(right.id);

  const rows = await rowsOf(right.id);
  const posts = (network: string): readonly Post[] =>
    simulator.world
      .posts(network)
      .filter((p) => !p.byCustomer && p.deletedAt === null && p.replacedBy === null);
  for (const c of connections) {
    const mine = rows.filter((d) => d.connectionId === c.id);
    const step = plan.find((s) => s.connectionId === c.id);
    const truth = posts(c.channel);
    const told = truth.filter((p) => p.text.includes(RIGHT) && p.text.includes(NOTE));
    const bad = truth.filter((p) => p.text.includes(WRONG));
    if (c.channel === 'manual') {
      t.match(mine, [{ state: 'manual' }], 'by hand: a person has their card');
      continue;
    }
    t.ok(
      mine.every((d) => d.state === 'delivered' || d.state === 'skipped'),
      `${c.channel}: ${mine.map((d) => `${d.op} ${d.way} ${d.state} ${d.reason ?? ''}`).join('; ')}`,
    );
    t.ok(told.length > 0, `${c.channel} shows the right words and what was wrong`);
    if (CHANGED.includes(c.channel)) {
      t.equal(step?.way, 'edit', `${c.channel} was planned to be changed`);
      t.equal(bad.length, 0, `${c.channel}: nobody reads the wrong words any more`);
      t.equal(truth.length, 1, `${c.channel}: and there is no second post`);
    } else {
      t.match(step?.way, /^(reply|new)$/, `${c.channel} was planned to be answered`);
      t.equal(bad.length, 1, `${c.channel}: what people answered is still there`);
      if (step?.way === 'reply' && told[0]?.parent !== null)
        t.equal(told[0]?.parent, bad[0]?.id, `${c.channel}: the correction answers the wrong post`);
    }
  }
  t.same(
    rows
      .filter((d) => d.op === 'edit' && d.state === 'delivered')
      .map(networkOf)
      .sort(),
    [...CHANGED].sort(),
    'changed in place on each network that can be',
  );

  const page = await (await fetch(url)).text();
  t.match(page, RIGHT);
  t.match(page, NOTE);
  t.match(
    page,
    /<del>[^<]*(<[^>]*>[^<]*)*All refunds for cancelled orders are now closed\./,
    'what was wrong stays readable',
  );
  const told = (await (await fetch(`${url}/api/v2/incidents.json`)).json()) as {
    incidents: { incident_updates: { id: string; body: string; created_at: string; updated_at: string }[] }[];
  };
  const [only, second] = told.incidents[0]!.incident_updates;
  t.equal(second, undefined, 'programs see one update, put right');
  t.match(only!.body, RIGHT);
  t.ok(Date.parse(only!.updated_at) > Date.parse(only!.created_at));

  const back = await approved(
    await author<Update>('POST', `/updates/${right.id}/retract`, { note: 'All of it was wrong.' }),
  );
  await settled(back.id);
  for (const network of CHANGED) {
    const truth = posts(network);
    t.equal(truth.filter((p) => p.text.includes(RIGHT)).length, 0, `${network}: taken back in place`);
    t.ok(
      truth.some((p) => p.text.includes('Retracted: All of it was wrong.')),
      `${network} says so`,
    );
  }
  t.match(await (await fetch(url)).text(), 'All of it was wrong.');
});

import fc from 'fast-check';
import t from 'tap';
import { listAttempts } from '../../db/queries/attempts.ts';
import { listAllConnections } from '../../db/queries/connections.ts';
import { type Delivery, listDeliveriesInState } from '../../db/queries/deliveries.ts';
import { type Incident, listPublishedUpdates } from '../../db/queries/incidents.ts';
import { getRendition } from '../../db/queries/words.ts';
import { bootName } from '../../db/store.ts';
import { resumeConnection } from '../../src/actions/connect-account.ts';
import { confirmDelivery, resendDelivery } from '../../src/actions/settle-delivery.ts';
import { formOf } from '../../src/domain/amend.ts';
import { isTerminal } from '../../src/domain/delivery.ts';
import { DomainError } from '../../src/domain/error.ts';
import { standings } from '../../src/domain/versions.ts';
import { DELIVERY_STATES } from '../../src/domain/words.ts';
import type { Outbox } from '../../src/outbox/outbox.ts';
import { correct, retract } from '../amend.ts';
import { type DatabaseKind, MINUTE, NETWORKS, openHouse, wordsAt } from '../house.ts';
import { type Network, openNetwork, openOutboxOn, REQUEST_MS, type Step } from './scripted.ts';

/** One long life of an outbox: people speak, networks misbehave, the process dies, clocks jump. */

const WORLD = {
  ...NETWORKS,
  /** Their posts can be changed: for ever, for a while, and where nobody can look. */
  edits: { ...NETWORKS.findable, edit: 'in_place' },
  shortly: { ...NETWORKS.findable, edit: 'in_place', editWindowMs: 10 * MINUTE, replies: false },
  blindly: { ...NETWORKS.blind, edit: 'in_place' },
} as const;
const names = Object.keys(WORLD) as (keyof typeof WORLD)[];
type Name = (typeof names)[number];
/** Where a second post is never allowed; a receiver drops it itself, and an alert is better twice than never. */
const ONCE: readonly Name[] = ['always', 'window', 'findable', 'blind', 'edits', 'shortly', 'blindly'];
const LAG_MS = 2_000;
const POINTS = [
  'before_sending',
  'after_sending',
  'after_accepted',
  'after_failed',
  'after_recorded',
  'after_look',
];

type Move =
  | { move: 'speak'; where: number; fresh: boolean }
  | { move: 'amend'; where: number; back: boolean }
  | { move: 'pass'; ms: number }
  | { move: 'jump'; ms: number }
  | { move: 'weather'; on: number; step: Step }
  | { move: 'haze'; on: number; step: Step }
  | { move: 'crash'; at: string; after: number }
  | { move: 'mend' };

const on = fc.nat({ max: names.length - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Step>('silence') },
  { weight: 5, arbitrary: fc.nat({ max: REQUEST_MS }).map((lost): Step => ({ lost })) },
  { weight: 3, arbitrary: fc.constant<Step>({ failure: 'unsent' }) },
  {
    weight: 2,
    arbitrary: fc.nat({ max: 120_000 }).map((retryAfterMs): Step => ({ failure: 'limited', retryAfterMs })),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ failure: 'rejected' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ failure: 'rejected', duplicate: true }) },
  { weight: 1, arbitrary: fc.constant<Step>({ failure: 'auth' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ throws: new RangeError('a bug in the channel') }) },
);
const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      move: fc.constant('speak' as const),
      where: fc.nat({ max: 3 }),
      fresh: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      move: fc.constant('amend' as const),
      where: fc.nat({ max: 5 }),
      back: fc.nat({ max: 9 }).map((n) => n === 0),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      move: fc.constant('pass' as const),
      ms: fc.constantFrom(100, 1_000, 5_000, 15_000, 40_000, 6 * MINUTE),
    }),
  },
  { weight: 8, arbitrary: fc.record({ move: fc.constant('weather' as const), on, step }) },
  {
    weight: 2,
    arbitrary: fc.record({
      move: fc.constant('haze' as const),
      on,
      step: fc.constantFrom<Step>(
        { failure: 'unsent' },
        { failure: 'unknown' },
        { failure: 'limited', retryAfterMs: 20_000 },
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      move: fc.constant('crash' as const),
      at: fc.constantFrom(...POINTS),
      after: fc.nat({ max: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      move: fc.constant('jump' as const),
      ms: fc.constantFrom(-60 * MINUTE, -1_000, 1_000, 60 * MINUTE),
    }),
  },
  { weight: 2, arbitrary: fc.record({ move: fc.constant('mend' as const) }) },
);

class Crash extends Error {
  constructor() {
    super('the process is gone');
  }
}

for (const [database, numRuns] of [
  ['sqlite', 2],
  ['pg', 1],
] as const)
  t.test(`${database}: ${numRuns} lives of 500 moves`, async (t) => {
    const totals = { posts: 0, crashes: 0, unsure: 0, persons: 0, amended: 0 };
    const out = await fc.check(
      fc.asyncProperty(fc.array(move, { minLength: 500, maxLength: 500, size: 'max' }), (moves) =>
        live(database, moves, totals),
      ),
      { numRuns, endOnFailure: true },
    );
    // Five hundred moves help nobody in a report; the seed brings them back.
    t.notOk(out.failed, `seed ${out.seed}, path ${out.counterexamplePath}: ${out.errorInstance}`);
    t.ok(
      totals.amended > 10 && totals.posts > 100 && totals.crashes > 10 && totals.unsure > 20,
      JSON.stringify(totals),
    );
  });

async function live(
  database: DatabaseKind,
  moves: readonly Move[],
  totals: { posts: number; crashes: number; unsure: number; persons: number; amended: number },
): Promise<void> {
  const house = await openHouse({
    database,
    connect: names.map((name) => ({
      name,
      can: WORLD[name],
      ...(name === 'window' ? { thread: true, limits: { unit: 'graphemes', max: 200 } } : {}),
    })),
  });
  const { store, clock } = house;
  // The networks have clocks of their own, which no jump of ours can move.
  const networks = new Map<string, Network>(
    house.connections.map((c) => [c.id, Object.assign(openNetwork(c.can, clock.mono), { lagMs: LAG_MS })]),
  );
  const nameOf = (connectionId: string) => house.connections.find((c) => c.id === connectionId)!.name as Name;
  const incidents: Incident[] = [];
  const everHeld = new Set<string>();
  const told = { alerts: [], reports: [] as string[] };
  let life = 0;
  let fuse: { at: string; after: number } | undefined;
  let outbox = born();

  function born(): Outbox {
    life += 1;
    let dead = false;
    const mine = life;
    const failpoint = (name: string) => {
      if (!dead && fuse?.at === name && mine === life) {
        if (fuse.after === 0) {
          dead = true;
          totals.crashes += 1;
          fuse = undefined;
        } else fuse.after -= 1;
      }
      if (dead) throw new Crash();
    };
    // A process that is gone writes nothing more.
    const mortal: typeof store = {
      ...store,
      transact: (work, options) => (dead ? Promise.reject(new Crash()) : store.transact(work, options)),
    };
    const box = openOutboxOn(house, mortal, bootName(process.pid, `life-${mine}`), networks, told, {
      failpoint,
    });
    return {
      ...box,
      async idle() {
        await box.idle();
        if (!dead) return;
        await box.close(0);
        outbox = born();
        await outbox.idle();
      },
    };
  }

  async function perform(it: Move): Promise<void> {
    switch (it.move) {
      case 'speak': {
        if (it.fresh || incidents.length === 0) incidents.push(await house.openIncident());
        const incident = incidents.at(-1 - (it.where % incidents.length))!;
        const known = Array.from(
          { length: 1 + (it.where % 4) * 2 },
          (_, i) => `Fact ${i} of many is known by now.`,
        );
        try {
          await house.say(incident, wordsAt(clock.now(), known.join(' ')));
        } catch (error) {
          // After the clock was set back, an update may seem newer than the one that is being approved.
          if (!(error instanceof DomainError && error.code === 'conflict')) throw error;
        }
        return;
      }
      case 'amend': {
        const incident = incidents.at(-1);
        if (!incident) return;
        const told = standings(await listPublishedUpdates(store.read, [incident.id])).filter(
          (s) => !s.retracted,
        );
        const wrong = told.at(-1 - (it.where % Math.max(told.length, 1)))?.words;
        if (!wrong) return;
        totals.amended += 1;
        if (it.back) await retract(house, wrong);
        else await correct(house, wrong, `It was number ${totals.amended}.`);
        return;
      }
      case 'pass':
        return clock.advance(it.ms);
      case 'jump':
        return clock.jump(it.ms);
      case 'weather':
        return void [...networks.values()][it.on]!.script.push(it.step);
      case 'haze':
        return void [...networks.values()][it.on]!.looks.push(it.step);
      case 'crash':
        fuse = { at: it.at, after: it.after };
        return;
      case 'mend':
        return mend();
    }
  }

  /** Honest people: they look at the network, long enough after, and say what is there. */
  async function mend(): Promise<void> {
    for (const c of await listAllConnections(store.read))
      if (c.pausedAt !== null) await resumeConnection(house.ctx(house.admin), c.id);
    for (const row of await listDeliveriesInState(store.read, ['held'])) {
      const { posts } = networks.get(row.connectionId)!;
      const words = await textOf(row);
      const post =
        row.op === 'publish'
          ? posts.find((p) => p.key === row.id)
          : posts.find((p) => p.key === row.targetId && p.text === words);
      totals.persons += 1;
      if (post) await confirmDelivery(house.ctx(house.approver), row.id, post.url!);
      else await resendDelivery(house.ctx(house.approver), row.id);
    }
  }

  async function textOf(d: Delivery): Promise<string | undefined> {
    const rendition = await getRendition(store.read, d.renditionId);
    return rendition && formOf(rendition, d.way)[d.part]?.text;
  }

  async function check(after: string): Promise<Delivery[]> {
    const rows = await listDeliveriesInState(store.read, DELIVERY_STATES, 100_000);
    const wrong = (d: Delivery, what: string) =>
      new Error(`${what}: ${nameOf(d.connectionId)} ${d.state} (${d.reason}) after ${after}`);
    for (const d of rows) {
      const posts = networks.get(d.connectionId)!.posts.filter((p) => p.key === d.id);
      const once = ONCE.includes(nameOf(d.connectionId));
      if (d.state === 'held') everHeld.add(d.incidentId + d.connectionId);
      if (d.state === 'unknown') totals.unsure += 1;
      if (d.op !== 'publish') continue;
      if (once && posts.length > 1) throw wrong(d, `${posts.length} posts`);
      if (['delivered', 'accepted', 'manual_confirmed'].includes(d.state) && posts.length === 0)
        throw wrong(d, 'it is not there');
      if (once && ['superseded', 'cancelled', 'refused', 'dead'].includes(d.state) && posts.length > 0)
        throw wrong(d, 'it is there all the same');
      if (d.state === 'pending' && posts.length > 0 && !d.mayBeThere && once)
        throw wrong(d, 'nobody knows it is there');
    }
    return rows;
  }

  const known = new Set(['speak', 'amend', 'mend']);
  for (const [i, it] of moves.entries()) {
    await perform(it);
    await outbox.idle();
    if (known.has(it.move) || i % 5 === 0) await check(`move ${i}, ${JSON.stringify(it)}`);
  }

  // The weather clears, and everything comes to an end.
  fuse = undefined;
  for (const network of networks.values()) {
    network.script = [];
    network.looks = [];
  }
  for (let i = 0; i < 200; i += 1) {
    clock.advance(MINUTE);
    await outbox.idle();
    await mend();
    await outbox.idle();
    if (i % 10 === 9 && (await check('the end')).every((d) => isTerminal(d.state))) break;
  }
  const rows = await check('the end');
  for (const d of rows)
    if (!isTerminal(d.state)) throw new Error(`${nameOf(d.connectionId)} is still ${d.state}: ${d.reason}`);
  await sameWords(rows);
  explained(rows);
  await inOrder(rows);
  totals.posts += [...networks.values()].reduce((sum, n) => sum + n.posts.length, 0);
  const unexpected = told.reports.find((r) => !r.endsWith(': the process is gone'));
  if (unexpected) throw new Error(`unexpected: ${unexpected}`);
  await outbox.close();
  await house.close();

  async function sameWords(all: readonly Delivery[]): Promise<void> {
    for (const d of all)
      for (const post of networks.get(d.connectionId)!.posts.filter((p) => p.key === d.id)) {
        const changes = all.filter((x) => x.op === 'edit' && x.targetId === d.id);
        const texts = await Promise.all([d, ...changes].map(textOf));
        if (!texts.includes(post.text)) throw new Error(`${post.text} is none of ${texts.join(' | ')}`);
      }
  }

  /** No wrong words are left where people read them without what puts them right, or somebody who knows of it. */
  function explained(all: readonly Delivery[]): void {
    const said = ['delivered', 'manual_confirmed', 'refused', 'dead'];
    for (const d of all) {
      if (d.amendedBy === null || d.op !== 'publish') continue;
      const there = networks.get(d.connectionId)!.posts.some((p) => p.key === d.id);
      const after = all.filter((x) => x.connectionId === d.connectionId && x.updateId === d.amendedBy);
      const isSaid = after.some((x) => said.includes(x.state) || x.amendedBy !== null);
      if (there && !isSaid)
        throw new Error(
          `${nameOf(d.connectionId)}: ${d.id} is wrong, and ${after.map((x) => `${x.op} ${x.way} ${x.state}`)}`,
        );
    }
  }

  /** In one incident and network, later words never went out before earlier ones, unless a person had to decide. */
  async function inOrder(all: readonly Delivery[]): Promise<void> {
    const byPerson = new Set(
      (
        await listAttempts(
          store.read,
          all.map((d) => d.id),
        )
      )
        .filter((a) => a.kind === 'person')
        .map((a) => a.deliveryId),
    );
    for (const [id, network] of networks) {
      const mine = new Map(all.filter((d) => d.connectionId === id).map((d) => [d.id, d]));
      for (const incident of incidents) {
        if (everHeld.has(incident.id + id)) continue;
        const seen = new Set<string>();
        const order = network.posts.flatMap((p) => {
          const d = mine.get(p.key);
          if (d?.incidentId !== incident.id || seen.has(d.id)) return [];
          seen.add(d.id);
          return [d];
        });
        if (order.some((d) => byPerson.has(d.id))) continue;
        for (const [i, d] of order.entries()) {
          const next = order[i + 1];
          if (next && (next.ord < d.ord || (next.ord === d.ord && next.part <= d.part)))
            throw new Error(`${nameOf(id)}: ${next.ord}/${next.part} went out after ${d.ord}/${d.part}`);
        }
      }
    }
  }
}

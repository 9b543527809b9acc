import t, { type Test } from 'tap';
import { insertDeliveries } from '../../db/queries/deliveries.ts';
import { type DatabaseKind, MINUTE } from '../house.ts';
import { openDesk, type Step } from './scripted.ts';

// Hours pass here in virtual time; one database is enough, the queries are held to both elsewhere.
const database: DatabaseKind = 'sqlite';

for (const [name, down] of [
  ['refuses', { failure: 'unsent' }],
  ['answers 5xx', 'silence'],
  ['hangs until the deadline', { throws: new DOMException('too late', 'TimeoutError') }],
] as [string, Step][])
  t.test(`a network that ${name} for an hour delays nobody, and is caught up with in order`, async (t) => {
    const desk = await openDesk(t, { database, connect: [{ name: 'down' }, { name: 'up' }] });
    const [bad, good] = [desk.network(0), desk.network(1)];
    const keepDown = () => {
      bad.script = Array.from({ length: 500 }, () => down);
      bad.looks = Array.from({ length: 500 }, () => ({ failure: 'unsent' }) as Step);
    };
    keepDown();
    const first = await desk.say();
    const other = await desk.say();
    let last = first;
    for (let minute = 0; minute < 60; minute += 10) {
      keepDown();
      const before = good.posts.length;
      if (minute % 20 === 0) last = await desk.say(first.incident);
      await desk.rest();
      t.ok(good.posts.length > before || minute % 20 !== 0, 'the others are spoken to at once');
      for (let i = 0; i < 10; i += 1) await desk.pass(MINUTE);
    }
    const stale = (await desk.deliveries(first.incident.id)).filter((d) => d.state === 'superseded');
    t.equal(bad.posts.length, 0);
    bad.script = [];
    bad.looks = [];
    for (let i = 0; i < 20; i += 1) await desk.pass(MINUTE);
    const texts = bad.posts.map((p) => p.key);
    t.same([...new Set(texts)], texts, 'nothing twice');
    const newest = (await desk.deliveries(first.incident.id)).filter(
      (d) => d.updateId === last.update.id && d.connectionId === desk.house.connections[0]!.id,
    );
    t.equal(newest[0]?.state, 'delivered', 'the newest words arrived');
    for (const d of stale) t.notOk(texts.includes(d.id), 'what was overtaken is not sent any more');
    const rest = (await desk.deliveries(other.incident.id)).filter(
      (d) => d.connectionId === desk.house.connections[0]!.id,
    );
    t.equal(rest[0]?.state, 'delivered', 'and so did the other incident');
    const sent = await Promise.all(texts.map(async (id) => (await desk.delivery(id)).ord));
    const mine = await Promise.all(
      texts.map(async (id) => (await desk.delivery(id)).incidentId === first.incident.id),
    );
    const order = sent.filter((_, i) => mine[i]);
    t.same(
      order,
      [...order].sort((a, b) => a - b),
      'in the order in which the public read them',
    );
  });

t.test('a storm of 429: never earlier than allowed, hardly more requests than needed', async (t) => {
  const desk = await openDesk(t, { database, connect: [{ name: 'storm' }] });
  const net = desk.network(0);
  const waits = [2_000, 7_000, undefined, 30_000, 1e12, -5_000, 60_000, 1_500];
  const UPDATES = 6;
  for (let i = 0; i < UPDATES; i += 1) {
    for (const ms of waits)
      net.script.push({ failure: 'limited', ...(ms === undefined ? {} : { retryAfterMs: ms }) } as Step);
    net.script.push('accept');
  }
  for (let i = 0; i < UPDATES; i += 1) await desk.say();
  const asked = UPDATES * waits.length;
  for (let second = 0; second < 4 * 3_600 && net.posts.length < UPDATES; second += 5) await desk.pass(5_000);
  t.equal(net.posts.length, UPDATES, 'nothing is lost');
  const publications = net.calls.filter((c) => c.what === 'publish');
  for (let i = 1; i < publications.length; i += 1) {
    const ms = waits[(i - 1) % (waits.length + 1)];
    const wait = publications[i]!.at - publications[i - 1]!.at;
    if (ms !== undefined && ms > 0 && ms < 1e9) t.ok(wait >= ms, `waited ${wait} of ${ms}`);
    t.ok(wait <= 16 * MINUTE, 'an absurd wish is capped');
  }
  t.ok(publications.length <= (asked + UPDATES) * 1.2, 'hardly more than the least there must be');
});

t.test('ten thousand that can wait do: an incident is the next thing each network hears', async (t) => {
  const desk = await openDesk(t, { database, connect: [{ name: 'a' }, { name: 'b' }] });
  const gates = [desk.network(0).pause(), desk.network(1).pause()];
  const seedRows = (await desk.say()).rows;
  for (const g of gates) await g.arrived;
  for (const row of seedRows)
    await desk.house.store.transact((w) =>
      insertDeliveries(
        w,
        Array.from({ length: 5_000 }, (_, i) => ({
          ...row,
          id: desk.house.newId(),
          incidentId: `bulk-${i}`,
          recipient: `person-${i}`,
          priority: 9,
          state: 'pending' as const,
          leaseBy: null,
          leaseUntil: null,
        })),
      ),
    );
  const urgent = await desk.say();
  for (const g of gates) g.release();
  for (const row of urgent.rows) await desk.becomes(row.id, 'delivered');
  for (const row of urgent.rows) {
    const net = desk.networks.get(row.connectionId)!;
    const published = net.calls.filter((c) => c.what === 'publish').map((c) => c.key);
    t.ok(published.indexOf(row.id) <= 2, 'at most one that was under way came before it');
  }
  await desk.outbox.close();
});

async function clocks(t: Test, jump: number): Promise<void> {
  const desk = await openDesk(t, { database, connect: [{ name: 'x' }] });
  const net = desk.network(0);
  net.script.push({ lost: 0 });
  net.lagMs = 0;
  const { rows } = await desk.say();
  desk.house.clock.jump(jump);
  for (let i = 0; i < 40; i += 1) await desk.pass(10_000);
  t.equal(net.posts.length, 1, 'never sent twice');
  t.equal((await desk.delivery(rows[0]!.id)).state, 'delivered', 'and found again');
  net.script.push('silence');
  const lost = await desk.say();
  desk.house.clock.jump(-jump);
  for (let i = 0; i < 60; i += 1) await desk.pass(10_000);
  t.equal((await desk.delivery(lost.rows[0]!.id)).state, 'delivered', 'what was really lost is sent again');
  t.equal(net.posts.length, 2);
}

for (const [name, ms] of [
  ['a second', 1_000],
  ['an hour (as daylight saving does)', 3_600_000],
  ['a day', 86_400_000],
] as const)
  for (const sign of [1, -1])
    t.test(`the wall clock jumps ${name} ${sign > 0 ? 'forward' : 'back'}`, (t) => clocks(t, sign * ms));

import t, { type Test } from 'tap';
import { openStore } from '../../db/open.ts';
import { changeConnection } from '../../db/queries/connections.ts';
import { changeDelivery, type Delivery } from '../../db/queries/deliveries.ts';
import { bootName } from '../../db/store.ts';
import { confirmDelivery } from '../../src/actions/settle-delivery.ts';
import type { RemotePost } from '../../src/domain/channel.ts';
import { LEASE_MS } from '../../src/domain/delivery-times.ts';
import { DATABASES, type DatabaseKind, MINUTE, NETWORKS, wordsAt } from '../house.ts';
import { type Desk, openDesk, openNetwork, openOutboxOn, type Step } from './scripted.ts';

for (const database of DATABASES)
  t.test(database, async (t) => {
    await accounts(t, database);
    await threads(t, database);
    await leases(t, database);
    await late(t, database);
    await closing(t, database);
  });

const states = async (desk: Desk, rows: readonly Delivery[]) =>
  Promise.all(rows.map(async (d) => (await desk.delivery(d.id)).state));

async function accounts(t: Test, database: DatabaseKind) {
  await t.test('an account that hangs delays no other account', async (t) => {
    const desk = await openDesk(t, { database, connect: [{ name: 'hangs' }, { name: 'b' }, { name: 'c' }] });
    const hanging = desk.network(0).pause();
    const { rows, incident } = await desk.say();
    const of = (n: number, list = rows) =>
      list.find((d) => d.connectionId === desk.house.connections[n]!.id)!;
    await hanging.arrived;
    for (const n of [1, 2]) await desk.becomes(of(n).id, 'delivered');
    const more = await desk.say(incident);
    for (const n of [1, 2]) await desk.becomes(of(n, more.rows).id, 'delivered');
    t.equal((await desk.delivery(of(0).id)).state, 'sending', 'while the first still hangs');
    t.equal((await desk.delivery(of(0, more.rows).id)).state, 'pending');
    hanging.release();
    await desk.rest();
    t.equal((await desk.delivery(of(0, more.rows).id)).state, 'delivered');
    t.equal(desk.network(0).most, 1);
  });
  await t.test(
    'one account, many incidents: one request at a time, in the order of publication',
    async (t) => {
      const desk = await openDesk(t, { database, connect: [{ name: 'a' }, { name: 'b' }] });
      const gate = desk.network(0).pause();
      const said = [];
      for (let i = 0; i < 8; i += 1) said.push((await desk.say()).update.id);
      await gate.arrived;
      gate.release();
      await desk.rest();
      for (const n of [0, 1]) {
        const { posts, most } = desk.network(n);
        t.equal(posts.length, 8);
        t.equal(most, 1, 'never two at once');
        const order = await Promise.all(posts.map(async (p) => (await desk.delivery(p.key)).updateId));
        t.strictSame(order, said);
      }
    },
  );
  await t.test(
    'a network that asks to wait is left alone by the whole account, and by no other',
    async (t) => {
      const desk = await openDesk(t, { database, connect: [{ name: 'busy' }, { name: 'other' }] });
      const gate = desk.network(0).pause();
      await desk.say();
      await gate.arrived;
      for (let i = 0; i < 3; i += 1) await desk.say();
      gate.release({ failure: 'limited', retryAfterMs: 60_000 });
      await desk.rest();
      t.equal(desk.network(0).calls.length, 1, 'nothing more is asked of it');
      t.equal(desk.network(1).posts.length, 4);
      await desk.say();
      for (let i = 0; i < 59; i += 1) await desk.pass(1_000);
      t.equal(desk.network(0).calls.length, 1, 'not by new incidents either');
      await desk.pass(1_000);
      t.equal(desk.network(0).posts.length, 5, 'and then all of it goes');
      t.equal(desk.network(0).calls[1]!.at - desk.network(0).calls[0]!.at, 60_000, 'to the second');
      t.strictSame(desk.alerts, []);
    },
  );
  await t.test('an incident waits for its own uncertain post, other incidents do not', async (t) => {
    const desk = await openDesk(t, { database });
    const net = desk.network();
    net.script.push('silence');
    const first = await desk.say();
    await desk.rest();
    const second = await desk.say(first.incident);
    const other = await desk.say();
    await desk.rest();
    t.strictSame(await states(desk, [first.rows[0]!, second.rows[0]!, other.rows[0]!]), [
      'unknown',
      'pending',
      'delivered',
    ]);
    for (let i = 0; i < 120; i += 1) await desk.pass(1_000);
    t.strictSame(await states(desk, [first.rows[0]!, second.rows[0]!]), ['delivered', 'delivered']);
    const keys = net.posts.map((p) => p.key);
    t.ok(keys.indexOf(first.rows[0]!.id) < keys.indexOf(second.rows[0]!.id), 'in their order');
  });
  await t.test('a newer update takes the place of one that could not leave', async (t) => {
    const desk = await openDesk(t, {
      database,
      connect: [{ name: 'people' }, { name: 'programs', can: NETWORKS.receiver }],
    });
    for (const n of [0, 1]) desk.network(n).script.push({ failure: 'unsent' });
    const first = await desk.say();
    await desk.rest();
    const second = await desk.say(first.incident);
    for (let i = 0; i < 5; i += 1) await desk.pass(1_000);
    const by = (n: number, rows: Delivery[]) =>
      rows.find((d) => d.connectionId === desk.house.connections[n]!.id)!;
    t.strictSame(await states(desk, [by(0, first.rows), by(0, second.rows)]), ['superseded', 'delivered']);
    t.strictSame(await states(desk, [by(1, first.rows), by(1, second.rows)]), ['delivered', 'delivered']);
    t.equal(desk.network(0).posts.length, 1);
    t.equal(desk.network(1).posts.length, 2, 'programs get every update');
  });
}

async function threads(t: Test, database: DatabaseKind) {
  const longWords = (now: number) =>
    wordsAt(
      now,
      Array.from({ length: 9 }, (_, i) => `Sentence number ${i} says one more thing that is known.`).join(
        ' ',
      ),
    );
  const open = (t: Test) =>
    openDesk(t, { database, connect: [{ thread: true, limits: { unit: 'graphemes', max: 200 } }] });

  await t.test('a follow-up answers the first post of its incident', async (t) => {
    const desk = await openDesk(t, {
      database,
      connect: [{ name: 'a' }, { name: 'flat', can: { ...NETWORKS.findable, replies: false } }],
    });
    const first = await desk.say();
    await desk.rest();
    await desk.say(first.incident);
    await desk.rest();
    await desk.say(first.incident);
    await desk.rest();
    await desk.say();
    await desk.rest();
    const drafts = desk
      .network(0)
      .posts.map((p) => [p.draft.root?.id, p.draft.inReplyTo?.id, p.draft.root?.raw]);
    t.strictSame(drafts, [
      [undefined, undefined, undefined],
      ['post-1', 'post-1', { n: 1 }],
      ['post-1', 'post-1', { n: 1 }],
      [undefined, undefined, undefined],
    ]);
    t.ok(
      desk.network(1).posts.every((p) => p.draft.root === undefined),
      'where a network has no replies, none',
    );
  });
  await t.test('the parts of a thread answer each other, wait for each other, and go on', async (t) => {
    const desk = await open(t);
    const net = desk.network();
    net.script.push('accept', { failure: 'unsent' });
    const { rows } = await desk.say(undefined, longWords(desk.house.clock.now()));
    t.ok(rows.length >= 3, `${rows.length} parts`);
    await desk.rest();
    t.strictSame(await states(desk, rows.slice(0, 3)), ['delivered', 'pending', 'pending']);
    t.equal(net.posts.length, 1);
    await desk.pass(1_000);
    t.ok((await states(desk, rows)).every((s) => s === 'delivered'));
    t.strictSame(
      net.posts.map((p) => [p.key, p.draft.root?.id, p.draft.inReplyTo?.id]),
      rows.map((d, i) => [d.id, i === 0 ? undefined : 'post-1', i === 0 ? undefined : `post-${i}`]),
    );
  });
  await t.test('after a part that a person found, the rest answers the last post we know', async (t) => {
    const desk = await open(t);
    const net = desk.network();
    net.script.push('accept', { failure: 'unknown' });
    net.looks.push('accept', ...Array.from({ length: 2_000 }, () => ({ failure: 'unsent' }) as Step));
    const { rows } = await desk.say(undefined, longWords(desk.house.clock.now()));
    await desk.rest();
    await confirmDelivery(desk.house.ctx(desk.house.author), rows[1]!.id, 'https://network.example/found');
    await desk.rest();
    t.equal(net.posts[1]?.key, rows[2]!.id);
    t.strictSame([net.posts[1]?.draft.root?.id, net.posts[1]?.draft.inReplyTo?.id], ['post-1', 'post-1']);
  });
  await t.test('a thread whose part was refused is not continued', async (t) => {
    const desk = await open(t);
    desk.network().script.push('accept', { failure: 'rejected' });
    const { rows, incident } = await desk.say(undefined, longWords(desk.house.clock.now()));
    await desk.rest();
    const [first, second, ...rest] = await states(desk, rows);
    t.strictSame([first, second], ['delivered', 'refused']);
    t.ok(rest.length > 0 && rest.every((s) => s === 'cancelled'));
    t.equal(desk.network().posts.length, 1);
    const next = await desk.say(incident);
    await desk.rest();
    t.strictSame(await states(desk, next.rows), ['delivered'], 'and holds nothing back');
  });
}

async function leases(t: Test, database: DatabaseKind) {
  /** A delivery in the hands of another run. */
  const inHands = async (desk: Desk, by: string, patch: Partial<Delivery> = {}) => {
    desk.network().script.push({ failure: 'unsent' });
    const { rows } = await desk.say();
    await desk.rest();
    const { store, clock } = desk.house;
    const from = await desk.delivery(rows[0]!.id);
    const now = clock.now();
    await store.transact(async (w) => {
      await changeConnection(w, from.connectionId, { laneBy: by, laneUntil: now + LEASE_MS });
      await changeDelivery(w, from, {
        state: 'sending',
        leaseBy: by,
        leaseUntil: now + LEASE_MS,
        sentAt: now,
        ...patch,
      });
    });
    return from.id;
  };
  await t.test('what a run that is gone was sending is looked up at once, not sent again', async (t) => {
    const desk = await openDesk(t, { database });
    const id = await inHands(desk, bootName(process.pid, 'gone'));
    const net = desk.network();
    await net.channel.publish({ text: 'It had arrived.' }, { id, at: 0 }, AbortSignal.timeout(1_000));
    await desk.pass(2_000);
    t.match(await desk.delivery(id), {
      state: 'unknown',
      leaseBy: null,
      reason: /may or may not have arrived/,
    });
    await desk.pass(5_000);
    await desk.becomes(id, 'delivered');
    t.equal(net.posts.length, 1);
  });
  await t.test(
    'so is what it was looking up; what it had only claimed goes back into the queue',
    async (t) => {
      const desk = await openDesk(t, { database });
      const gone = bootName(process.pid, 'gone');
      const looking = await inHands(desk, gone, { state: 'reconciling', mayBeThere: true });
      await desk.pass(2_000);
      t.match(await desk.tries(looking), ['publish unsent', 'find absent']);
      const claimed = await inHands(desk, gone, { state: 'leased' });
      await desk.pass(2_000);
      t.equal((await desk.delivery(claimed)).state, 'delivered');
    },
  );
  await t.test('what a run that lives holds is left to it until its lease has run out', async (t) => {
    const desk = await openDesk(t, { database });
    const { boot, close } = await somebodyAlive(desk, database);
    const id = await inHands(desk, boot);
    const calls = desk.network().calls.length;
    for (let i = 0; i < 11; i += 1) await desk.pass(10_000);
    t.match(await desk.delivery(id), { state: 'sending', leaseBy: boot });
    t.equal(desk.network().calls.length, calls, 'its account is not spoken to');
    await desk.pass(10_001);
    await desk.pass(1);
    t.match(await desk.delivery(id), { state: 'unknown', leaseBy: null });
    await close();
  });
  await t.test('an answer to a run that has lost its lease changes nothing but the proof', async (t) => {
    const desk = await openDesk(t, { database });
    const gate = desk.network().pause();
    const { rows } = await desk.say();
    await gate.arrived;
    const id = rows[0]!.id;
    const { boot, close } = await somebodyAlive(desk, database);
    const from = await desk.delivery(id);
    await desk.house.store.transact((w) => changeDelivery(w, from, { leaseBy: boot }));
    gate.release({ failure: 'rejected' });
    await desk.rest();
    t.match(await desk.delivery(id), { state: 'sending', leaseBy: boot });
    t.strictSame(await desk.tries(id), ['publish rejected'], 'but it is written down');
    await close();
  });
}

/** Another run that surely lives: a node with its own session, or the process that started this one. */
async function somebodyAlive(desk: Desk, database: DatabaseKind) {
  if (database === 'sqlite') return { boot: bootName(process.ppid, 'alive'), close: async () => undefined };
  const boot = bootName(1, `alive.${desk.house.newId()}`);
  const store = await openStore(desk.house.place, boot);
  return { boot, close: () => store.close() };
}

async function late(t: Test, database: DatabaseKind) {
  await t.test('a yes that comes after somebody took us for lost still counts', async (t) => {
    for (const network of ['findable', 'always', 'blind'] as const) {
      const desk = await openDesk(t, { database, connect: [{ can: NETWORKS[network] }] });
      const net = desk.network();
      const gate = net.pause();
      const { rows } = await desk.say();
      const id = rows[0]!.id;
      await gate.arrived;
      // Another run sweeps while our request is still on its way.
      const from = await desk.delivery(id);
      const boot = bootName(process.pid, 'gone');
      await desk.house.store.transact((w) => changeDelivery(w, from, { leaseBy: boot }));
      const other = await openStore(desk.house.place, bootName(process.pid, 'other'));
      const told = { alerts: [], reports: [] };
      const silent = new Map([[from.connectionId, openNetwork(NETWORKS[network], desk.house.clock.now)]]);
      const second = openOutboxOn(desk.house, other, bootName(process.pid, 'other'), silent, told);
      await second.idle();
      await second.close();
      const between = (await desk.delivery(id)).state;
      t.ok(['unknown', 'pending', 'held'].includes(between), `${network}: ${between}`);
      gate.release();
      await desk.rest();
      await desk.pass(1);
      t.equal((await desk.delivery(id)).state, 'delivered', network);
      t.match(await desk.receipt(id), { remoteId: 'post-1' });
      t.equal(net.posts.length, 1, `${network}: once`);
      t.equal(silent.get(from.connectionId)!.calls.filter((c) => c.what === 'publish').length, 0);
      await desk.outbox.close();
      await other.close();
    }
  });
  await t.test('a channel that does not stop at its deadline does not silence its account', async (t) => {
    let answer: (post: RemotePost) => void = () => undefined;
    let calls = 0;
    const desk = await openDesk(t, {
      database,
      requestMs: 20,
      channelOf(connection, networks) {
        const { channel } = networks.get(connection.id)!;
        const stuck = () =>
          new Promise<RemotePost>((done) => {
            answer = done;
          });
        return { ...channel, publish: (...args) => (++calls === 1 ? stuck() : channel.publish(...args)) };
      },
    });
    const first = await desk.say();
    const second = await desk.say();
    await desk.becomes(first.rows[0]!.id, 'unknown');
    await desk.becomes(second.rows[0]!.id, 'delivered');
    answer({ id: 'late', url: null });
    await desk.becomes(first.rows[0]!.id, 'accepted');
    t.match(await desk.receipt(first.rows[0]!.id), { remoteId: 'late', proof: 'answer' });
    t.equal(calls, 2);
  });
}

async function closing(t: Test, database: DatabaseKind) {
  await t.test('closing waits for what is on its way, and begins nothing new', async (t) => {
    const desk = await openDesk(t, { database });
    const gate = desk.network().pause();
    const first = await desk.say();
    await gate.arrived;
    const second = await desk.say();
    let closed = false;
    const closing = desk.outbox.close().then(() => {
      closed = true;
    });
    await desk.house.store.transact(async () => undefined);
    t.notOk(closed);
    gate.release();
    await closing;
    t.equal((await desk.delivery(first.rows[0]!.id)).state, 'accepted', 'the answer was written down');
    t.equal((await desk.delivery(second.rows[0]!.id)).state, 'pending');
    t.equal((await desk.connection()).laneBy, null, 'whoever comes next need not wait');
    desk.outbox.kick();
    await desk.outbox.idle();
    t.equal(desk.network().posts.length, 1);
    t.strictSame(desk.reports, []);
  });
  await t.test('closing does not wait for ever; the next run finds out what became of it', async (t) => {
    const desk = await openDesk(t, { database });
    const net = desk.network();
    const gate = net.pause();
    const { rows } = await desk.say();
    await gate.arrived;
    await desk.outbox.close(10);
    const id = rows[0]!.id;
    t.equal((await desk.delivery(id)).state, 'sending');
    await desk.house.close();
    const boot = bootName(process.pid, 'next');
    const store = await openStore(desk.house.place, boot);
    const told = { alerts: [], reports: [] };
    const next = openOutboxOn(desk.house, store, boot, desk.networks, told);
    await next.idle();
    for (let i = 0; i < 2 * MINUTE; i += 5_000) {
      desk.house.clock.advance(5_000);
      await next.idle();
    }
    t.equal(net.posts.length, 1);
    t.equal(net.posts[0]!.key, id);
    await next.close();
    await store.close();
    gate.release({ failure: 'unsent' });
  });
}

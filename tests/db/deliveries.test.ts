import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t, { type Test } from 'tap';
import { openPg } from '../../db/pg.ts';
import {
  changeConnection,
  getConnection,
  releaseLane,
  releaseLanesOf,
  takeLane,
} from '../../db/queries/connections.ts';
import {
  changeDelivery,
  type Delivery,
  getDelivery,
  insertDeliveries,
  listOvertaken,
} from '../../db/queries/deliveries.ts';
import {
  findNextToLookAt,
  findNextToSend,
  listDueConnections,
  listHolders,
  listLost,
} from '../../db/queries/due.ts';
import { findReceipt, listPosted, recordReceipt } from '../../db/queries/receipts.ts';
import { bootName, type Store } from '../../db/store.ts';
import { LEASE_MS } from '../../src/domain/delivery-times.ts';
import { HOLD_BACK_MS } from '../../src/domain/delivery-waits.ts';
import type { DeliveryState } from '../../src/domain/words.ts';
import { DATABASES, type DatabaseKind, type House, MINUTE, openHouse } from '../house.ts';

for (const database of DATABASES)
  t.test(database, async (t) => {
    const house = await openHouse({ database, connect: [{ name: 'one' }, { name: 'two' }] });
    await order(t, house);
    await looks(t, house);
    await due(t, house);
    await fencing(t, house);
    await lanes(t, house);
    await posted(t, house);
    await presence(t, database, house);
  });

/** Rows nobody sends: each test has an incident of its own and takes them away again. */
function rowsOf(house: House) {
  const incidentId = house.newId();
  const made: Delivery[] = [];
  return {
    incidentId,
    async add(more: Partial<Delivery> & { ord: number }): Promise<Delivery> {
      const now = house.clock.now();
      const row: Delivery = {
        id: house.newId(),
        pageId: house.page.id,
        incidentId,
        updateId: `${incidentId}-${more.ord}`,
        renditionId: 'words',
        connectionId: house.connections[0]!.id,
        op: 'publish',
        part: 0,
        recipient: '',
        targetId: null,
        way: null,
        amendedBy: null,
        priority: 0,
        state: 'pending',
        reason: null,
        attempts: 0,
        nextAt: now,
        leaseBy: null,
        leaseUntil: null,
        sentAt: null,
        firstSentAt: null,
        mayBeThere: false,
        absences: 0,
        absentBy: null,
        absentMono: null,
        heldAt: more.state === 'held' ? now : null,
        doneAt: null,
        createdAt: now,
        updatedAt: now,
        ...more,
      };
      await house.store.transact((w) => insertDeliveries(w, [row]));
      made.push(row);
      return row;
    },
    async set(row: Delivery, patch: Partial<Delivery>) {
      const from = await getDelivery(house.store.read, row.id);
      return house.store.transact((w) => changeDelivery(w, from, patch));
    },
    async clear() {
      for (const row of made) {
        const from = await getDelivery(house.store.read, row.id);
        await house.store.transact((w) =>
          changeDelivery(w, from, { state: 'cancelled', leaseBy: null, leaseUntil: null }),
        );
      }
    },
  };
}

async function order(t: Test, house: House) {
  const { store, clock } = house;
  const one = house.connections[0]!.id;
  const next = async () => (await findNextToSend(store.read, one, clock.now()))?.id;

  await t.test(
    'what came earlier in an incident and is not settled holds back what came later',
    async (t) => {
      const holding: DeliveryState[] = ['pending', 'leased', 'sending', 'unknown', 'reconciling', 'held'];
      const letting: DeliveryState[] = [
        'accepted',
        'delivered',
        'refused',
        'dead',
        'superseded',
        'cancelled',
        'skipped',
        'manual',
        'manual_confirmed',
      ];
      const rows = rowsOf(house);
      const late = { nextAt: clock.now() + MINUTE };
      const first = await rows.add({ ord: 1, ...late });
      const second = await rows.add({ ord: 2 });
      for (const state of holding) {
        await rows.set(first, { state, heldAt: state === 'held' ? clock.now() : null });
        t.equal(await next(), undefined, `an earlier one that is ${state} holds back`);
      }
      for (const state of letting) {
        await rows.set(first, { state, heldAt: null });
        t.equal(await next(), second.id, `an earlier one that is ${state} does not`);
      }
      await rows.clear();
    },
  );
  await t.test('other incidents, connections and recipients do not wait', async (t) => {
    const rows = rowsOf(house);
    await rows.add({ ord: 1, state: 'unknown' });
    const elsewhere = rowsOf(house);
    await elsewhere.add({ ord: 1, connectionId: house.connections[1]!.id, incidentId: rows.incidentId });
    const other = await elsewhere.add({ ord: 9 });
    t.equal(await next(), other.id, 'another incident');
    await elsewhere.clear();
    const person = await rows.add({ ord: 2, recipient: 'reader@company.example' });
    t.equal(await next(), person.id, 'another recipient');
    await rows.clear();
  });
  await t.test(
    'one that waits for a person holds back newer updates for five minutes, then lets go',
    async (t) => {
      const rows = rowsOf(house);
      await rows.add({ ord: 1, state: 'held' });
      const second = await rows.add({ ord: 2 });
      t.equal(await next(), undefined);
      clock.advance(HOLD_BACK_MS - 1);
      t.equal(await next(), undefined);
      clock.advance(1);
      t.equal(await next(), second.id);
      await rows.clear();
      const late = rowsOf(house);
      await late.add({ ord: 1, state: 'held', heldAt: clock.now() + 60 * MINUTE });
      const third = await late.add({ ord: 2 });
      t.equal(await next(), third.id, 'and nobody waits for an hour that a clock has taken back');
      await late.clear();
    },
  );
  await t.test('parts of a thread go one after another, and wait for a held one for ever', async (t) => {
    const rows = rowsOf(house);
    const parts = [];
    for (const part of [0, 1, 2]) parts.push(await rows.add({ ord: 1, part }));
    t.equal(await next(), parts[0]!.id);
    await rows.set(parts[0]!, { state: 'accepted' });
    t.equal(await next(), parts[1]!.id);
    await rows.set(parts[1]!, { state: 'held', heldAt: clock.now() });
    clock.advance(HOLD_BACK_MS * 10);
    t.equal(await next(), undefined, 'a thread with a hole in it helps nobody');
    await rows.set(parts[1]!, { state: 'manual_confirmed' });
    t.equal(await next(), parts[2]!.id);
    await rows.clear();
  });
  await t.test(
    'urgent first, then in the order the public read them, and none before its time',
    async (t) => {
      const rows = [rowsOf(house), rowsOf(house), rowsOf(house)];
      const slow = await rows[0]!.add({ ord: 1, priority: 5 });
      const newer = await rows[1]!.add({ ord: 3 });
      const older = await rows[2]!.add({ ord: 2 });
      const sent: (string | undefined)[] = [];
      for (const row of [older, newer, slow]) {
        sent.push(await next());
        await rows[0]!.set(row, { state: 'delivered' });
      }
      t.strictSame(sent, [older.id, newer.id, slow.id]);
      const later = await rows[0]!.add({ ord: 4, nextAt: clock.now() + 1_000 });
      t.equal(await next(), undefined, 'not due yet');
      clock.jump(-24 * 60 * MINUTE);
      t.equal(await next(), later.id, 'nor can a clock that jumped back a day keep it for a day');
      clock.jump(24 * 60 * MINUTE);
      for (const r of rows) await r.clear();
    },
  );
}

async function looks(t: Test, house: House) {
  await t.test('what we are unsure of is looked up before what we only have not seen', async (t) => {
    const { store, clock } = house;
    const one = house.connections[0]!.id;
    const next = async () => (await findNextToLookAt(store.read, one, clock.now()))?.id;
    const rows = rowsOf(house);
    const seenLater = await rows.add({ ord: 1, state: 'accepted', nextAt: clock.now() - 5_000 });
    const unsure = await rows.add({ ord: 2, state: 'unknown' });
    t.equal(await next(), unsure.id);
    await rows.set(unsure, { state: 'reconciling', leaseBy: 'x', leaseUntil: clock.now() + LEASE_MS });
    t.equal(await next(), seenLater.id);
    await rows.set(seenLater, { leaseBy: 'x', leaseUntil: clock.now() + LEASE_MS });
    t.equal(await next(), undefined, 'somebody is looking already');
    await rows.clear();
  });
}

async function due(t: Test, house: House) {
  await t.test('only accounts that have something to do and may be spoken to', async (t) => {
    const { store, clock } = house;
    const [one, two] = [house.connections[0]!, house.connections[1]!];
    const list = async () =>
      (await listDueConnections(store.read, clock.now())).filter((id) => id === one.id || id === two.id);
    const change = (patch: Parameters<typeof changeConnection>[2]) =>
      store.transact((w) => changeConnection(w, one.id, patch));
    t.strictSame(await list(), []);
    const rows = rowsOf(house);
    const row = await rows.add({ ord: 1 });
    t.strictSame(await list(), [one.id]);
    await change({ enabled: false });
    t.strictSame(await list(), [], 'switched off');
    await change({ enabled: true, pausedAt: clock.now() });
    t.strictSame(await list(), [], 'paused');
    await change({ pausedAt: null, notBefore: clock.now() + 1_000 });
    t.strictSame(await list(), [], 'the network asked us to wait');
    clock.advance(1_000);
    t.strictSame(await list(), [one.id]);
    await change({ notBefore: clock.now() + 24 * 60 * MINUTE });
    t.strictSame(await list(), [one.id], 'no network may ask for a day: the clock must have jumped');
    await change({ notBefore: null });
    for (const state of ['delivered', 'held', 'refused', 'superseded'] as const) {
      await rows.set(row, { state });
      t.strictSame(await list(), [], state);
    }
    for (const state of ['unknown', 'accepted'] as const) {
      await rows.set(row, { state });
      t.strictSame(await list(), [one.id], state);
    }
    await rows.set(row, { state: 'sending', leaseBy: 'x', leaseUntil: clock.now() + LEASE_MS });
    t.strictSame(await list(), [], 'somebody is at it');
    clock.advance(LEASE_MS);
    t.strictSame(await list(), [one.id], 'their lease has run out');
    await rows.clear();
  });
}

async function fencing(t: Test, house: House) {
  await t.test('only who holds a delivery may change it', async (t) => {
    const { store, clock } = house;
    const rows = rowsOf(house);
    const row = await rows.add({ ord: 1 });
    const held = await store.transact((w) =>
      changeDelivery(w, row, { state: 'leased', leaseBy: 'me', leaseUntil: clock.now() + LEASE_MS }),
    );
    const stale: [string, Delivery][] = [
      ['the state has moved on', row],
      ['another holds it', { ...held, leaseBy: 'you' }],
      ['nobody held it', { ...held, leaseBy: null }],
    ];
    for (const [why, from] of stale)
      await t.rejects(
        store.transact((w) => changeDelivery(w, from, { state: 'sending' })),
        { code: 'conflict' },
        why,
      );
    const sent = await store.transact((w) => changeDelivery(w, held, { state: 'sending' }));
    t.equal(sent.state, 'sending');
    t.strictSame(await listHolders(store.read), ['me']);
    const lost = async (of: Parameters<typeof listLost>[1]) =>
      (await listLost(store.read, of)).map((d) => d.id);
    t.strictSame(await lost({ holder: 'me' }), [row.id]);
    t.strictSame(await lost({ holder: 'you' }), []);
    t.strictSame(await lost({ connectionId: row.connectionId, now: clock.now() }), []);
    t.strictSame(await lost({ connectionId: row.connectionId, now: clock.now() + LEASE_MS }), [row.id]);
    await rows.clear();
    await t.rejects(getDelivery(store.read, 'nothing'), { code: 'not_found' });
  });
}

async function lanes(t: Test, house: House) {
  await t.test('one process speaks for an account at a time', async (t) => {
    const { store, clock } = house;
    const { id } = house.connections[0]!;
    const take = (by: string, at = clock.now()) => store.transact((w) => takeLane(w, id, by, at, LEASE_MS));
    const who = async () => (await getConnection(store.read, id)).laneBy;
    const both = await Promise.all([take('a'), take('b')]);
    t.strictSame(both.toSorted(), [false, true], 'two who ask at once: one gets it');
    const [winner, loser] = both[0] ? (['a', 'b'] as const) : (['b', 'a'] as const);
    t.equal(await take(winner), true, 'it may renew');
    await store.transact((w) => releaseLane(w, id, loser));
    t.equal(await who(), winner, 'nobody gives back what they do not hold');
    t.equal(await take(loser, clock.now() + LEASE_MS), false);
    t.equal(await take(loser, clock.now() + LEASE_MS + 1), true, 'after the lease has run out');
    await store.transact((w) => releaseLane(w, id, loser));
    t.equal(await who(), null);
    t.equal(await take('a', clock.now() + 24 * 60 * MINUTE), true);
    t.equal(await take('b'), true, 'a lease from a clock that was a day ahead is no lease');
    await store.transact((w) => releaseLanesOf(w, 'b'));
    t.equal(await who(), null);
    t.strictSame(await listHolders(store.read), []);
  });
}

async function posted(t: Test, house: House) {
  await t.test('receipts, and what a newer update overtakes', async (t) => {
    const { store, clock } = house;
    const rows = rowsOf(house);
    const proof = (deliveryId: string) => ({
      deliveryId,
      remoteId: 'r1',
      url: null,
      raw: { cid: 'x' },
      proof: 'answer' as const,
      textRead: null,
      readAt: null,
      acceptedAt: clock.now(),
    });
    const [first, second, third] = [
      await rows.add({ ord: 1, state: 'accepted' }),
      await rows.add({ ord: 2 }),
      await rows.add({ ord: 3 }),
    ];
    await store.transact((w) => recordReceipt(w, proof(first.id)));
    await store.transact((w) =>
      recordReceipt(w, { ...proof(first.id), proof: 'read', textRead: 'words', readAt: 5, acceptedAt: 9 }),
    );
    t.match(await findReceipt(store.read, first.id), {
      proof: 'read',
      textRead: 'words',
      acceptedAt: clock.now(),
      raw: { cid: 'x' },
    });
    const all = await listPosted(store.read, rows.incidentId, first.connectionId);
    t.strictSame(
      all.map((p) => p.delivery.id),
      [first.id],
    );
    const overtaken = await listOvertaken(store.read, rows.incidentId, 3);
    t.strictSame(
      overtaken.map((d) => d.id),
      [second.id],
    );
    await t.rejects(
      store.transact((w) => insertDeliveries(w, [{ ...third, id: 'again' }])),
      'one delivery a part, connection and update',
    );
    await rows.clear();
  });
}

async function presence(t: Test, database: DatabaseKind, house: House) {
  await t.test('a run is gone only when it surely is', async (t) => {
    const { store, boot } = house;
    t.equal(await store.isGone(boot), false, 'we are here');
    t.equal(
      await store.isGone('nonsense'),
      database === 'pg',
      'who never was holds no lock; no pid can be asked',
    );
    if (database === 'pg') {
      const name = bootName(process.pid, 'other');
      const other: Store = await openPg(house.place.url!, name);
      t.equal(await store.isGone(name), false, 'another node that lives');
      t.equal(await other.isGone(boot), false);
      await other.close();
      t.equal(await store.isGone(name), true, 'it has closed');
      return;
    }
    t.equal(await store.isGone(bootName(process.pid, 'earlier')), true, 'an earlier run with our number');
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    await once(child, 'spawn');
    const name = bootName(child.pid!, 'child');
    t.equal(await store.isGone(name), false, 'another process that lives');
    child.kill('SIGKILL');
    await once(child, 'exit');
    t.equal(await store.isGone(name), true, 'it was killed');
  });
}

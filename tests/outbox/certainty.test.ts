import t, { type Test } from 'tap';
import { insertDeliveries } from '../../db/queries/deliveries.ts';
import { removeInstallation, setInstallation } from '../../db/queries/installation.ts';
import { listAudit, listEventsAfter } from '../../db/queries/log.ts';
import { switchConnection } from '../../src/actions/connect-account.ts';
import { enterQuarantine, releaseQuarantine } from '../../src/actions/quarantine.ts';
import { confirmDelivery, giveUpDelivery, resendDelivery } from '../../src/actions/settle-delivery.ts';
import { unsent } from '../../src/domain/delivery.ts';
import { DATABASES, type DatabaseKind, MINUTE, NETWORKS } from '../house.ts';
import { type Desk, openDesk, REQUEST_MS, type Step } from './scripted.ts';

/** Timeout, lag of the tests' networks, and how far clocks may differ: how long an absent post may still appear. */
const _SETTLE_MS = REQUEST_MS + 2_000 + 2_000;
const _names = Object.keys(NETWORKS) as (keyof typeof NETWORKS)[];
const _unknown: Step = 'silence';

for (const database of DATABASES)
  t.test(database, async (t) => {
    await persons(t, database);
    await proof(t, database);
    await quarantine(t, database);
    await otherOps(t, database);
  });

async function persons(t: Test, database: DatabaseKind) {
  const held = async (t: Test): Promise<{ desk: Desk; id: string }> => {
    const desk = await openDesk(t, { database, connect: [{ can: NETWORKS.blind }] });
    desk.network().script.push({ lost: 0 });
    const { rows } = await desk.say();
    await desk.rest();
    t.match(await desk.delivery(rows[0]!.id), { state: 'held', reason: /a person must look/ });
    await desk.pass(24 * 60 * MINUTE);
    t.equal(desk.network().calls.length, 1, 'nothing is done without a person');
    return { desk, id: rows[0]!.id };
  };
  const audited = async (desk: Desk) => (await listAudit(desk.house.store.read, 0, 1_000)).at(-1)!;

  await t.test('a person saw it: they paste its address, and that is the proof', async (t) => {
    const { desk, id } = await held(t);
    const ctx = desk.house.ctx(desk.house.author);
    await t.rejects(confirmDelivery(ctx, id, 'I saw it'), { code: 'invalid', field: 'url' });
    await t.rejects(confirmDelivery(ctx, id, 'javascript:alert(1)'), { code: 'invalid', field: 'url' });
    await confirmDelivery(ctx, id, 'https://network.example/post-1');
    t.match(await desk.delivery(id), { state: 'manual_confirmed', doneAt: Number });
    t.match(await desk.receipt(id), {
      proof: 'person',
      url: 'https://network.example/post-1',
      textRead: null,
    });
    t.match(await audited(desk), {
      action: 'delivery.confirmed',
      subjectId: id,
      actorId: desk.house.author.id,
    });
    t.equal((await desk.tries(id)).at(-1), 'person confirmed_by_person');
  });
  await t.test('a person did not see it: it is sent again', async (t) => {
    const { desk, id } = await held(t);
    await resendDelivery(desk.house.ctx(desk.house.approver), id);
    await desk.rest();
    t.equal((await desk.delivery(id)).state, 'delivered');
    t.equal(desk.network().calls.length, 2);
    t.match(
      (await listAudit(desk.house.store.read, 0, 1_000)).filter((a) => a.subjectId === id),
      [{ action: 'delivery.resend', detail: '{"from":"held"}' }],
    );
    await t.rejects(resendDelivery(desk.house.ctx(desk.house.approver), id), { code: 'conflict' });
  });
  await t.test(
    'what is sent again is looked for by itself, not by what the first try was called',
    async (t) => {
      const desk = await openDesk(t, { database });
      desk.network().lagMs = 24 * 60 * MINUTE;
      const { rows } = await desk.say();
      const id = rows[0]!.id;
      for (let waited = 0; waited < 3 * MINUTE; waited += 1_000) await desk.pass(1_000);
      t.match(await desk.delivery(id), { state: 'held', reason: /took it but does not show it/ });
      desk.network().lagMs = 0;
      desk.network().script.push({ lost: 0 });
      await resendDelivery(desk.house.ctx(desk.house.approver), id);
      for (let waited = 0; waited < 3 * MINUTE; waited += 1_000) await desk.pass(1_000);
      t.equal((await desk.delivery(id)).state, 'delivered');
      t.equal(desk.network().calls.filter((call) => call.what === 'publish').length, 2);
      t.match(await desk.receipt(id), { remoteId: 'post-2', proof: 'read' });
      t.match(
        (await audited(desk)).detail,
        '{"from":"held","notThere":"post-1"}',
        'what the network had called it stays on record',
      );
    },
  );
  await t.test('what cannot even be looked for is told to a person, who knows', async (t) => {
    const desk = await openDesk(t, { database });
    desk.network().script.push({ lost: 0 });
    desk.network().looks = Array.from({ length: 500 }, (): Step => ({ failure: 'rejected' }));
    const { rows, incident } = await desk.say();
    const id = rows[0]!.id;
    await desk.rest();
    await desk.pass(MINUTE);
    t.same(desk.alerts, [], 'a network may well be slow for a minute');
    const newer = await desk.say(incident);
    for (let minute = 0; minute < 20; minute += 1) await desk.pass(MINUTE);
    t.match(desk.alerts, [{ kind: 'held', deliveryId: id }]);
    t.equal(desk.alerts.length, 1, 'once');
    t.equal((await desk.delivery(newer.rows[0]!.id)).state, 'pending', 'newer words wait behind it');
    await confirmDelivery(desk.house.ctx(desk.house.author), id, 'https://network.example/post-1');
    desk.network().looks = [];
    await desk.rest();
    t.equal((await desk.delivery(newer.rows[0]!.id)).state, 'delivered');
    t.equal(desk.network().posts.length, 2);
  });
  await t.test('a person says it need not be sent any more', async (t) => {
    const { desk, id } = await held(t);
    const ctx = desk.house.ctx(desk.house.approver);
    await t.rejects(giveUpDelivery(ctx, id, '  '), { code: 'invalid', field: 'reason' });
    await t.rejects(
      giveUpDelivery(desk.house.ctx(await desk.house.addPerson('Vic', ['viewer'])), id, 'No.'),
      {
        code: 'forbidden',
      },
    );
    await giveUpDelivery(ctx, id, 'Overtaken by events.');
    t.match(await desk.delivery(id), { state: 'cancelled', reason: 'Overtaken by events.' });
    t.match(await audited(desk), { action: 'delivery.given_up', subjectId: id });
    await desk.pass(60 * MINUTE);
    t.equal(desk.network().calls.length, 1);
  });
}

async function proof(t: Test, database: DatabaseKind) {
  await t.test('delivered means that we have seen it there, and have its words', async (t) => {
    const desk = await openDesk(t, { database });
    desk.network().lagMs = 1_500;
    const { rows } = await desk.say();
    const id = rows[0]!.id;
    await desk.rest();
    t.match(await desk.delivery(id), { state: 'accepted', reason: 'Taken, not shown yet.' });
    t.match(await desk.receipt(id), {
      proof: 'answer',
      remoteId: 'post-1',
      url: 'https://network.example/post-1',
    });
    // What the network shows may not be what we sent.
    desk.network().posts[0]!.text = 'Cut short by the network…';
    await desk.pass(10_000);
    t.match(await desk.delivery(id), { state: 'delivered', doneAt: Number });
    t.match(await desk.receipt(id), { proof: 'read', textRead: 'Cut short by the network…', readAt: Number });
    const kinds = (await listEventsAfter(desk.house.store.read, 0, 1_000))
      .filter((e) => e.kind.startsWith('delivery.'))
      .map((e) => [e.kind, e.public]);
    t.strictSame(kinds, [
      ['delivery.sending', false],
      ['delivery.accepted', true],
      ['delivery.delivered', true],
    ]);
    t.ok((await desk.connection()).lastOkAt, 'and the account is known to work');
  });
  await t.test('what was taken and is never shown needs a person', async (t) => {
    const desk = await openDesk(t, { database });
    desk.network().lagMs = 24 * 60 * MINUTE;
    const { rows } = await desk.say();
    for (let waited = 0; waited < 3 * MINUTE; waited += 1_000) await desk.pass(1_000);
    t.match(await desk.delivery(rows[0]!.id), { state: 'held', reason: /took it but does not show it/ });
    t.strictSame(
      desk.alerts.map((a) => a.kind),
      ['held'],
    );
    t.equal(desk.network().posts.length, 1);
  });
}

async function quarantine(t: Test, database: DatabaseKind) {
  for (const key of ['quarantine', 'sending_off'] as const)
    await t.test(`nothing is sent while ${key} is set`, async (t) => {
      // Several accounts: work that must wait in one of them is no reason to look at the others.
      const desk = await openDesk(t, { database, connect: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] });
      const { store, clock } = desk.house;
      desk.network().script.push({ lost: 0 });
      const before = await desk.say();
      await desk.rest();
      await store.transact((w) => setInstallation(w, key, 'restored from a backup', clock.now()));
      const after = await desk.say();
      await desk.pass(60 * MINUTE);
      const published = () => desk.network().calls.filter((c) => c.what === 'publish').length;
      t.equal(published(), 1);
      t.equal((await desk.delivery(after.rows[0]!.id)).state, 'pending');
      t.equal(
        (await desk.delivery(before.rows[0]!.id)).state,
        'delivered',
        'but what is unsure is looked up',
      );
      await store.transact((w) => removeInstallation(w, key));
      await desk.rest();
      t.equal((await desk.delivery(after.rows[0]!.id)).state, 'delivered');
      t.strictSame(desk.reports, []);
    });
  await t.test(
    'what was taken before the copy was made, and taken off since, is not sent anew',
    async (t) => {
      const desk = await openDesk(t, { database });
      const { house } = desk;
      // Taken and not looked at yet when the copy was made: the looks come back with nothing but trouble.
      desk.network().looks.push({ failure: 'unsent' });
      const { rows } = await desk.say();
      const id = rows[0]!.id;
      await desk.rest();
      t.equal((await desk.delivery(id)).state, 'accepted');
      // The original has retracted it and took it off the network.
      desk.network().posts.splice(0);
      await enterQuarantine(house.system, 'restored from a backup');
      await releaseQuarantine(house.ctx(house.admin));
      for (let waited = 0; waited < 3 * MINUTE; waited += 1_000) await desk.pass(1_000);
      t.match(await desk.delivery(id), { state: 'held', reason: /took it but does not show it/ });
      t.equal(desk.network().calls.filter((call) => call.what === 'publish').length, 1);
    },
  );
  await t.test('an account that is switched off is not spoken to', async (t) => {
    const desk = await openDesk(t, { database });
    const ctx = desk.house.ctx(desk.house.admin);
    desk.network().script.push({ failure: 'unsent' });
    const { rows } = await desk.say();
    await desk.rest();
    await switchConnection(ctx, rows[0]!.connectionId, false);
    await desk.pass(60 * MINUTE);
    t.equal(desk.network().calls.length, 1);
    await switchConnection(ctx, rows[0]!.connectionId, true);
    await desk.rest();
    t.equal((await desk.delivery(rows[0]!.id)).state, 'delivered');
  });
}

async function otherOps(t: Test, database: DatabaseKind) {
  await t.test('an edit in place or a removal that may have happened is simply done again', async (t) => {
    const can = { ...NETWORKS.blind, edit: 'in_place', remove: true } as const;
    const desk = await openDesk(t, { database, connect: [{ can }] });
    const { store } = desk.house;
    const { rows } = await desk.say();
    const [posted] = rows;
    await desk.rest();
    for (const op of ['edit', 'remove'] as const) {
      const id = desk.house.newId();
      const fresh = { ...posted!, ...unsent(desk.house.clock.now()), id, op, targetId: posted!.id };
      await store.transact((w) => insertDeliveries(w, [fresh]));
      desk.network().script.push({ lost: 0 });
      await desk.rest();
      t.match(await desk.delivery(id), { state: 'pending', mayBeThere: true }, op);
      await desk.pass(1_000);
      t.equal((await desk.delivery(id)).state, 'delivered', op);
      t.strictSame(await desk.tries(id), [`${op} unknown`, `${op} accepted`]);
    }
    t.strictSame(desk.network().posts, []);
  });
  await t.test('what a network has no way to do is refused, not guessed at', async (t) => {
    const desk = await openDesk(t, { database });
    const { edit: _, ...channel } = desk.network().channel;
    desk.network().channel = channel;
    const { rows } = await desk.say();
    await desk.rest();
    const id = desk.house.newId();
    await desk.house.store.transact((w) =>
      insertDeliveries(w, [{ ...rows[0]!, id, op: 'edit', targetId: rows[0]!.id }]),
    );
    await desk.rest();
    t.match(await desk.delivery(id), { state: 'refused', reason: 'This network has no way to edit a post.' });
  });
}

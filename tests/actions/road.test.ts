import t, { type Test } from 'tap';
import { getConnection } from '../../db/queries/connections.ts';
import { listDeliveriesOfIncident } from '../../db/queries/deliveries.ts';
import { getIncident, getUpdate, listPromises } from '../../db/queries/incidents.ts';
import { lastSeq, listAudit } from '../../db/queries/log.ts';
import { listChangesSince, listComponents, listGroups, listPages } from '../../db/queries/pages.ts';
import { listApprovals, listRenditions } from '../../db/queries/words.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { resumeConnection, switchConnection } from '../../src/actions/connect-account.ts';
import type { Ctx } from '../../src/actions/context.ts';
import { draftUpdate } from '../../src/actions/draft-update.ts';
import { openIncident } from '../../src/actions/open-incident.ts';
import { addPerson } from '../../src/actions/people.ts';
import { publishUpdate } from '../../src/actions/publish-update.ts';
import { previewUpdate, requestApproval } from '../../src/actions/request-approval.ts';
import { withdrawUpdate } from '../../src/actions/return-update.ts';
import { addComponent, setUpPage } from '../../src/actions/set-up-page.ts';
import { verifyAudit } from '../../src/actions/verify-audit.ts';
import { DATABASES, type DatabaseKind, MINUTE, MONDAY, NETWORKS, openHouse, wordsAt } from '../house.ts';
import { since } from './since.ts';

for (const database of DATABASES)
  t.test(database, async (t) => {
    await setUp(t, database);
    await road(t, database);
    await promises(t, database);
    await atomic(t, database);
  });

async function setUp(t: Test, database: DatabaseKind) {
  await t.test('a page, its components, people and accounts', async (t) => {
    const house = await openHouse({ database });
    const { store } = house;
    const admin = house.ctx(house.admin);
    t.match(await listPages(store.read), [
      { name: 'Company', slug: '', url: 'https://status.company.example' },
    ]);
    t.match(await listComponents(store.read, house.page.id), [
      { name: 'Payments', status: 'operational', position: 1 },
      { name: 'Search', status: 'operational', position: 2 },
    ]);
    t.match(await listGroups(store.read, house.page.id), [{ name: 'Shop' }]);
    t.equal((await listGroups(store.read, house.page.id)).length, 1, 'the group is made once');
    const wrong: [string, string, () => Promise<unknown>][] = [
      ['name', 'an empty name', () => setUpPage(admin, { name: ' ', url: 'https://x.example' })],
      ['url', 'no address', () => setUpPage(admin, { name: 'X', url: 'status.company.example' })],
      ['url', 'another scheme', () => setUpPage(admin, { name: 'X', url: 'javascript:alert(1)' })],
      ['slug', 'a path', () => setUpPage(admin, { name: 'X', url: 'https://x.example', slug: '../x' })],
      [
        'timeZone',
        'no zone',
        () => setUpPage(admin, { name: 'X', url: 'https://x.example', timeZone: 'Mars/Base' }),
      ],
      [
        'cadence',
        'no cadence',
        () => setUpPage(admin, { name: 'X', url: 'https://x.example', cadence: 'x' as 'rumour' }),
      ],
      ['email', 'no address', () => addPerson(admin, { name: 'X', email: 'x', roles: [] })],
      ['name', 'nameless', () => addComponent(admin, house.page.id, { name: '' })],
    ];
    for (const [field, why, act] of wrong) await t.rejects(act(), { code: 'invalid', field }, why);
    await t.rejects(addPerson(admin, { name: 'Eve', email: house.author.email.toUpperCase(), roles: [] }), {
      code: 'conflict',
      field: 'email',
    });
    await t.rejects(
      setUpPage(admin, { name: 'X', url: 'https://x.example', slug: '' }),
      'one page an address',
    );
    for (const person of [house.author, house.approver])
      await t.rejects(setUpPage(house.ctx(person), { name: 'X', url: 'https://x.example', slug: 'x' }), {
        code: 'forbidden',
      });
  });
  await t.test('an account is switched off and on by those who may', async (t) => {
    const house = await openHouse({ database });
    const { id } = house.connections[0]!;
    const mark = since(house);
    await mark.start();
    await t.rejects(switchConnection(house.ctx(house.author), id, false), { code: 'forbidden' });
    await switchConnection(house.ctx(house.approver), id, false);
    t.equal((await getConnection(house.store.read, id)).enabled, false);
    await switchConnection(house.ctx(house.admin), id, true);
    await resumeConnection(house.ctx(house.admin), id);
    t.match(await mark.take(), {
      audit: ['connection.off', 'connection.on', 'connection.resumed'],
      public: ['connection.off', 'connection.on', 'connection.resumed'],
    });
    await t.rejects(house.connect({ name: '' }), { code: 'invalid', field: 'name' });
  });
}

async function road(t: Test, database: DatabaseKind) {
  await t.test('the whole road, and every step of it accounted for', async (t) => {
    const house = await openHouse({
      database,
      connect: [
        { name: 'Town Square' },
        { name: 'Status', role: 'status', includeLink: false },
        { name: 'Help desk', role: 'care' },
        { name: 'By hand', channel: 'manual', can: NETWORKS.blind },
      ],
    });
    const { store, clock } = house;
    const author = house.ctx(house.author);
    const mark = since(house);
    await mark.start();

    const incident = await openIncident(author, { pageId: house.page.id, title: ' Card payments fail ' });
    t.match(incident, {
      title: 'Card payments fail',
      status: null,
      publishedAt: null,
      ownerId: house.author.id,
    });
    t.match(await mark.take(), { audit: ['incident.open'], events: ['incident.opened'], public: [] });

    const [payments, search] = house.components.map((c) => c.id) as [string, string];
    const draft = await draftUpdate(author, incident.id, {
      ...wordsAt(clock.now()),
      components: { [payments]: 'major_outage', [search]: 'operational' },
    });
    t.match(draft, {
      state: 'draft',
      class: 'B',
      status: 'investigating',
      authorIds: [house.author.id],
      version: 1,
    });
    t.match(await mark.take(), { audit: ['update.draft'], events: ['update.drafted'], public: [] });

    const preview = await previewUpdate(store.read, draft.id, clock.now());
    t.strictSame(
      preview.rendered.map((r) => r.connection.name).toSorted(),
      ['By hand', 'Status', 'Town Square'],
      'a care account answers people, it does not make statements',
    );
    t.strictSame([preview.refused, preview.blocked], [[], []]);
    t.strictSame(
      await mark.take(),
      { audit: [], actors: [], events: [], public: [] },
      'looking changes nothing',
    );

    clock.advance(MINUTE);
    const asked = await requestApproval(author, draft.id, draft.version);
    t.match(asked, {
      state: 'in_review',
      hash: /^[0-9a-f]{64}$/,
      requestedBy: house.author.id,
      requestedAt: clock.now(),
    });
    t.match(await mark.take(), { audit: ['approval.request'], events: ['approval.requested'], public: [] });
    t.strictSame(await listDeliveriesOfIncident(store.read, incident.id), [], 'nothing may leave yet');
    t.equal((await getIncident(store.read, incident.id)).publishedAt, null, 'nobody has been told');

    clock.advance(MINUTE);
    const published = await approveUpdate(house.ctx(house.approver), asked.id, asked.hash!);
    t.match(published, { state: 'published', publishedAt: clock.now(), publishedSeq: Number });
    t.match(await mark.take(), {
      audit: ['update.approve', 'update.publish'],
      actors: [house.approver.id],
      events: ['update.approved', 'update.published'],
      public: ['update.published'],
    });
    t.match(await getIncident(store.read, incident.id), {
      status: 'investigating',
      impact: 'critical',
      publishedAt: clock.now(),
      resolvedAt: null,
    });
    t.match(await listComponents(store.read, house.page.id), [
      { status: 'major_outage' },
      { status: 'operational' },
    ]);
    t.match(await listChangesSince(store.read, house.page.id, 0), [
      { componentId: payments, fromStatus: 'operational', toStatus: 'major_outage', updateId: published.id },
    ]);
    t.equal(
      (await listChangesSince(store.read, house.page.id, 0)).length,
      1,
      'what did not change is no change',
    );
    const words = await listRenditions(store.read, published.id);
    t.ok(words.every((r) => r.frozenAt === clock.now()));
    t.strictSame(
      words.map((r) => r.parts[0]!.text),
      preview.rendered
        .toSorted((a, b) => (a.connection.id < b.connection.id ? -1 : 1))
        .map((r) => r.rendition.parts[0]!.text),
      'what was previewed is what goes out',
    );
    const rows = await listDeliveriesOfIncident(store.read, incident.id);
    const stateOf = async (name: string) => {
      const connection = house.connections.find((c) => c.name === name)!;
      return rows.find((d) => d.connectionId === connection.id)?.state;
    };
    t.equal(await stateOf('Town Square'), 'pending');
    t.equal(await stateOf('Status'), 'pending');
    t.equal(await stateOf('By hand'), 'manual');
    t.equal(await stateOf('Help desk'), undefined);
    t.ok(rows.every((d) => d.ord === published.publishedSeq && d.nextAt === clock.now()));

    clock.advance(5 * MINUTE);
    const end = await house.say(incident, {
      blocks: { known: 'It works again.' },
      status: 'resolved',
      components: { [payments]: 'operational' },
    });
    const over = await getIncident(store.read, incident.id);
    t.match(over, { status: 'resolved', resolvedAt: clock.now(), impact: 'critical' });
    clock.advance(60 * MINUTE);
    await house.say(incident, { body: 'What happened, and what we do about it.', status: 'postmortem' });
    t.equal(
      (await getIncident(store.read, incident.id)).resolvedAt,
      over.resolvedAt,
      'a postmortem does not move its end',
    );
    t.ok(end.publishedSeq! > published.publishedSeq!);
    const verdict = await verifyAudit(store.read, (text) => house.secrets.sign('audit', text));
    t.equal(verdict.broken, null);
  });
  await t.test(
    'what an older update could not send yet is overtaken, but not for programs nor in mid-thread',
    async (t) => {
      const house = await openHouse({
        database,
        connect: [
          { name: 'people' },
          { name: 'programs', can: NETWORKS.receiver },
          { name: 'hand', channel: 'manual' },
        ],
      });
      const incident = await house.openIncident();
      const first = await house.say(incident);
      house.clock.advance(1_000);
      const second = await house.say(incident);
      const states = (await listDeliveriesOfIncident(house.store.read, incident.id)).map((d) => [
        house.connections.find((c) => c.id === d.connectionId)!.name,
        d.updateId === first.id ? 1 : 2,
        d.state,
      ]);
      t.ok(second.publishedSeq);
      t.strictSame(states.toSorted(), [
        ['hand', 1, 'superseded'],
        ['hand', 2, 'manual'],
        ['people', 1, 'superseded'],
        ['people', 2, 'pending'],
        ['programs', 1, 'pending'],
        ['programs', 2, 'pending'],
      ]);
    },
  );
  await t.test('in a release ring anybody may stop it; then the timer publishes, not a click', async (t) => {
    const house = await openHouse({ database, page: { policy: { ringMs: 5_000 } } });
    const { store, clock, system } = house;
    const incident = await house.openIncident();
    const approved = await house.say(incident);
    t.match(approved, { state: 'approved', releaseAt: clock.now() + 5_000, publishedAt: null });
    t.strictSame(await listDeliveriesOfIncident(store.read, incident.id), []);
    clock.advance(4_999);
    await t.rejects(publishUpdate(system, approved.id), {
      code: 'conflict',
      message: /ring is still running/,
    });
    clock.advance(1);
    t.match(await publishUpdate(system, approved.id), { state: 'published', releaseAt: null });
    await t.rejects(publishUpdate(system, approved.id), { code: 'conflict' });
    t.equal((await listDeliveriesOfIncident(store.read, incident.id)).length, 1);

    const responder = await house.addPerson('Rik', ['responder']);
    const stopped = await house.say(incident);
    t.match(await withdrawUpdate(house.ctx(responder), stopped.id, 'Wrong customer named.'), {
      state: 'withdrawn',
      releaseAt: null,
      hash: null,
    });
    clock.advance(MINUTE);
    await t.rejects(publishUpdate(system, stopped.id), { code: 'conflict' });
    t.ok((await listApprovals(store.read, [stopped.id])).every((a) => a.voidedAt !== null));
  });
}

async function promises(t: Test, database: DatabaseKind) {
  await t.test('a promise is kept to its minute, or late by as much as it was', async (t) => {
    const house = await openHouse({ database });
    const { clock, store } = house;
    const incident = await house.openIncident();
    const due = MONDAY + 20 * MINUTE;
    await house.say(incident);
    const made = async () => (await listPromises(store.read, [incident.id])).map((p) => [p.state, p.lateMs]);
    t.strictSame(await made(), [['open', null]]);
    clock.advance(due + 59_000 - clock.now());
    await house.say(incident);
    t.strictSame(await made(), [
      ['kept', 59_000],
      ['open', null],
    ]);
    clock.advance(21 * MINUTE);
    const last = await house.say(incident, { blocks: { known: 'It works again.' }, status: 'resolved' });
    t.strictSame(await made(), [
      ['kept', 59_000],
      ['late', 60_000],
    ]);
    t.match((await listPromises(store.read, [incident.id]))[1], {
      settledBy: last.id,
      settledAt: clock.now(),
    });
  });
  await t.test('an open incident owes the next update, and not too far away', async (t) => {
    const house = await openHouse({ database });
    const incident = await house.openIncident();
    const now = house.clock.now();
    const blocks = { known: 'Card payments fail.' };
    for (const [why, nextUpdateBy] of [
      ['none', null],
      ['past', now - 1],
      ['too far', now + 61 * MINUTE],
    ] as const)
      await t.rejects(
        house.ask(incident, { blocks, nextUpdateBy }),
        { code: 'invalid', field: 'nextUpdateBy' },
        why,
      );
    await house.ask(incident, { blocks, nextUpdateBy: now + 60 * MINUTE });
  });
}

async function atomic(t: Test, database: DatabaseKind) {
  await t.test('a failure anywhere in the middle of publishing leaves nothing behind', async (t) => {
    const house = await openHouse({ database, connect: [{}, { name: 'Second' }] });
    const { store } = house;
    const incident = await house.openIncident();
    await house.say(incident);
    house.clock.advance(MINUTE);
    const asked = await house.ask(incident, {
      ...wordsAt(house.clock.now()),
      components: { [house.components[0]!.id]: 'partial_outage' },
    });
    const snapshot = async () =>
      JSON.stringify([
        await getUpdate(store.read, asked.id),
        await getIncident(store.read, incident.id),
        await listComponents(store.read, house.page.id),
        await listDeliveriesOfIncident(store.read, incident.id),
        await listPromises(store.read, [incident.id]),
        await listApprovals(store.read, [asked.id]),
        (await listRenditions(store.read, asked.id)).map((r) => r.frozenAt),
        await lastSeq(store.read),
        (await listAudit(store.read, 0, 1_000)).length,
      ]);
    const before = await snapshot();
    const ctx = house.ctx(house.approver);
    let points = 0;
    for (let failAt = 1; ; failAt += 1) {
      let count = 0;
      const point = () => {
        count += 1;
        if (count === failAt) throw new Error('the power went');
      };
      // Every id, and every hash of an audit row, is made in the middle of the transaction.
      const failing: Ctx = {
        ...ctx,
        newId: () => {
          point();
          return ctx.newId();
        },
        auditHash: (text) => {
          point();
          return ctx.auditHash(text);
        },
      };
      const done = await approveUpdate(failing, asked.id, asked.hash!).then(
        () => true,
        (error: Error) => {
          if (error.message !== 'the power went') throw error;
          return false;
        },
      );
      if (done) break;
      points += 1;
      t.equal(await snapshot(), before, `failure ${failAt}`);
    }
    t.ok(points >= 6, `${points} points`);
    t.equal((await getUpdate(store.read, asked.id)).state, 'published', 'and without a failure it is done');
  });
}
